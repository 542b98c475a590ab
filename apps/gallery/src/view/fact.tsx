import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './facts.module.css';
import { useCopy } from './use-copy.ts';

export interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
  /** The whole text, if it can be copied. */
  readonly copied?: string | undefined;
}

/** A name and its value, in a list of them. */
export function Fact({ name, children, copied }: FactProps): ReactNode {
  const t = useTranslations('view');
  const copy = useCopy();
  return (
    <div className={styles['fact']}>
      <dt>{name}</dt>
      <dd>
        <span className={styles['value']}>{children}</span>
        {copied !== undefined && (
          <IconButton label={t('copyValue', { name })} className={styles['copy']} onClick={() => copy(copied)}>
            <Icon name="copy" size={16} />
          </IconButton>
        )}
      </dd>
    </div>
  );
}
