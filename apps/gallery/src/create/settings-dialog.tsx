import type { GenerationRecord } from '@wan-image/core';
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { showToast } from '../ui/toasts.tsx';
import type { Draft } from './draft.ts';
import { draftStore } from './draft-store.ts';
import { draftOfRecord, proposalOf } from './earlier.ts';
import { SettingsTable } from './settings-table.tsx';
import styles from './settings-dialog.module.css';

export interface SettingsDialogProps {
  readonly record: GenerationRecord;
  readonly isVaried: boolean;
  readonly onClose: () => void;
}

/** Replaces what is in the form. What was sent, and what became of it meanwhile, is no part of that. */
function put(draft: Draft): void {
  const { attempt, sentSeed } = draftStore.get();
  draftStore.set({ ...draft, attempt, sentSeed });
}

/** Shows the settings of an earlier generation before they replace what is in the form. */
export function SettingsDialog({ record, isVaried, onClose }: SettingsDialogProps): ReactNode {
  const t = useTranslations('create');
  const app = useTranslations('app');
  // Once: it may have a random seed, and once it is applied it differs no more.
  const [{ before, next }] = useState(() => {
    const present = draftStore.get();
    return { before: present, next: draftOfRecord(record, present, isVaried) };
  });
  const proposal = proposalOf(before, next);
  const isSame = proposal.differences.length === 0 && proposal.inputs === null;
  const apply = (): void => {
    put(next);
    showToast({
      title: isVaried ? t('usedVary') : t('used'),
      action: { label: app('undo'), onClick: () => put(before) },
    });
    onClose();
  };
  const keep = useEffectEvent(() => {
    showToast({ title: isVaried ? t('usedVary') : t('usedSame') });
    if (isVaried) put(next);
    onClose();
  });
  useEffect(() => {
    if (isSame) keep();
  }, [isSame]);
  if (isSame) return null;
  return (
    <Dialog isOpen onClose={onClose} title={t('use')} lead={t('useLead')}>
      <SettingsTable proposal={proposal} isSeedRandom={!before.settings.isSeedLocked} />
      {record.cut.length > 0 && <p className={styles['warning']}>{t('cutSettings')}</p>}
      <div className={styles['actions']}>
        <Button onClick={onClose}>{t('useKeep')}</Button>
        <Button look="primary" onClick={apply}>
          {t('useConfirm')}
        </Button>
      </div>
    </Dialog>
  );
}
