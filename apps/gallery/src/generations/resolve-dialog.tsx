import { useState, type ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import styles from './dialogs.module.css';
import type { RecordDialogProps } from './cancel-dialog.tsx';
import { useResolve } from './use-actions.ts';

/** Asks what the invoice of the upstream says, with all by which it can be found there. */
export function ResolveDialog({ record, onClose }: RecordDialogProps): ReactNode {
  const t = useTranslations('generations');
  const format = useFormatter();
  const resolve = useResolve();
  const { id, upstream, sent_at, model, cost } = record;
  const settle = (outcome: 'billed' | 'not_billed'): void => resolve.mutate({ id, outcome }, { onSuccess: onClose });
  return (
    <Dialog isOpen onClose={onClose} title={t('resolveTitle')} lead={t('resolveLead')}>
      <p className={styles['quote']}>{record.prompt}</p>
      <dl className={styles['terms']}>
        <dt>{t('requestId')}</dt>
        <dd>{upstream.request_id === null ? t('noRequestId') : <Copyable text={upstream.request_id} />}</dd>
        <dt>{t('sentAt')}</dt>
        <dd>
          {sent_at === null ? '–' : format.dateTime(new Date(sent_at), { dateStyle: 'medium', timeStyle: 'long' })},{' '}
          {model}
        </dd>
        {cost && (
          <>
            <dt>{t('atMost')}</dt>
            <dd>
              {cost.amount} {cost.currency}
            </dd>
          </>
        )}
      </dl>
      <div className={styles['buttons']}>
        <Button disabled={resolve.isPending} onClick={() => settle('not_billed')}>
          {t('notBilled')}
        </Button>
        <Button disabled={resolve.isPending} onClick={() => settle('billed')}>
          {t('billed')}
        </Button>
      </div>
    </Dialog>
  );
}

function Copyable({ text }: { readonly text: string }): ReactNode {
  const ta = useTranslations('app');
  const [isCopied, setIsCopied] = useState(false);
  return (
    <>
      <code className={styles['code']}>{text}</code>{' '}
      <Button look="plain" onClick={() => void copyText(text).then(setIsCopied)}>
        {ta(isCopied ? 'copied' : 'copy')}
      </Button>
    </>
  );
}
