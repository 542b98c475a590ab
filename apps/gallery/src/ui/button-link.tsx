import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import { classes, type ButtonProps } from './button.tsx';
import styles from './button.module.css';

export interface ButtonLinkProps {
  /** A path of this page, with its query. */
  readonly href: string;
  readonly look?: ButtonProps['look'];
  readonly children: ReactNode;
}

/** A link within the page that looks like a button: it leads somewhere, and can be opened in another tab. */
export function ButtonLink({ href, look, children }: ButtonLinkProps): ReactNode {
  const router = useRouter();
  const onClick = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.history.push(href);
  };
  return (
    <a href={href} className={classes(styles['button'], look && styles[look])} onClick={onClick}>
      {children}
    </a>
  );
}
