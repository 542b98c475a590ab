import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: the one thing to do. `plain`: no frame. `danger`: deletes for good. Default: an ordinary button. */
  readonly look?: 'primary' | 'plain' | 'danger' | undefined;
  /** Whether what it began is not done yet: it does nothing until then, but keeps the focus, which a disabled button loses. */
  readonly isBusy?: boolean | undefined;
}

export function Button({ look, className, isBusy = false, onClick, ...props }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...props}
      aria-disabled={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
      className={classes(styles['button'], look && styles[look], className)}
    />
  );
}

export interface IconButtonProps extends ButtonProps {
  /** Its accessible name, which is its tooltip too. */
  readonly label: string;
}

/** A button that shows an icon alone. */
export function IconButton({ label, className, look = 'plain', ...props }: IconButtonProps): ReactNode {
  return (
    <Button {...props} look={look} className={classes(styles['icon'], className)} aria-label={label} title={label} />
  );
}

/** Joins class names; what is absent is skipped. */
export function classes(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
