import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from '../ui/dialog.tsx';
import { SHORTCUTS, type Shortcut } from './shortcut-list.ts';
import styles from './shortcut-dialog.module.css';

const GROUPS = ['everywhere', 'library', 'view'] as const;

/** All keys of the page, and what they do. */
export function ShortcutDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useTranslations('shortcuts');
  return (
    <Dialog isOpen onClose={onClose} title={t('title')} lead={t('switchOff')}>
      {GROUPS.map((group) => (
        <section key={group}>
          <h3 className={styles['heading']}>{t(`groups.${group}`)}</h3>
          <dl className={styles['list']}>
            {SHORTCUTS[group].map((shortcut) => (
              <Row key={shortcut[1]} shortcut={shortcut} />
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}

function Row({ shortcut: [keys, text] }: { readonly shortcut: Shortcut }): ReactNode {
  const t = useTranslations('shortcuts');
  return (
    <div className={styles['row']}>
      <dt>{t(text)}</dt>
      <dd className={styles['keys']}>
        {keys.map((key) => (
          <kbd key={key} className={styles['key']}>
            {key}
          </kbd>
        ))}
      </dd>
    </div>
  );
}
