import type { GenerationRecord, ImageState } from '@wan-image/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { generationKey } from '../api/keys.ts';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import { Message } from '../ui/message.tsx';
import type { ViewerControls } from './actions.ts';

export interface ImageAbsenceProps {
  /** `broken`: the service should have it, and it could not be loaded. */
  readonly state: Exclude<ImageState, 'stored'> | 'broken';
  readonly record: GenerationRecord;
  readonly controls: ViewerControls;
}

/** Why there is no image, and what to do. */
export function ImageAbsence({ state, record, controls }: ImageAbsenceProps): ReactNode {
  const t = useTranslations('view');
  const retry = useTranslations('app')('retry');
  const queries = useQueryClient();
  const mayGenerate = useMay('generate');
  const { title, hint } = {
    deleted: { title: t('purged'), hint: t('purgedHint') },
    pending: { title: t('pending'), hint: t('pendingHint') },
    lost: { title: t('lost'), hint: t('lostHint') },
    broken: { title: t('broken'), hint: t('brokenHint') },
  }[state];
  return (
    <div role="status">
      <Message title={title} detail={hint}>
        {(state === 'deleted' || state === 'lost') && mayGenerate && (
          <Button onClick={() => controls.rerun('same')}>{t('rerunSame')}</Button>
        )}
        {state === 'broken' && (
          <Button onClick={() => void queries.resetQueries({ queryKey: generationKey(record.id) })}>{retry}</Button>
        )}
        <Button look="plain" onClick={controls.showRecord}>
          {t('record')}
        </Button>
      </Message>
    </div>
  );
}
