import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { Icon } from './icon.tsx';

export interface DialogProps {
  readonly isOpen: boolean;
  /** Absent: the dialog cannot be closed without doing what it asks for. */
  readonly onClose?: (() => void) | undefined;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** A modal dialog: it traps the focus, and gives it back when it closes. */
export function Dialog({ isOpen, onClose, title, lead, children }: DialogProps): ReactNode {
  const t = useTranslations('app');
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose?.()} disablePointerDismissal={!onClose}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup className={styles['popup']}>
          <header className={styles['header']}>
            <Base.Title className={styles['title']}>{title}</Base.Title>
            {onClose && (
              <IconButton label={t('close')} onClick={onClose}>
                <Icon name="close" />
              </IconButton>
            )}
          </header>
          {lead !== undefined && <Base.Description className={styles['lead']}>{lead}</Base.Description>}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
