import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Choice } from './choice.tsx';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';
import { mayThink, type Settings } from './settings.ts';

export interface OptionsFieldProps {
  readonly settings: Settings;
  readonly hasInputs: boolean;
}

export function OptionsField({ settings, hasInputs }: OptionsFieldProps): ReactNode {
  const t = useTranslations('create');
  const canThink = mayThink(settings, hasInputs);
  return (
    <div className={styles['options']}>
      <Choice
        label={t('thinking')}
        hint={canThink ? t('thinkingHint') : t('thinkingOff')}
        isChecked={canThink && settings.isThinking}
        isDisabled={!canThink}
        onChange={(isThinking) => draftStore.updateSettings({ isThinking })}
      />
      <Choice
        label={t('watermark')}
        hint={t('watermarkHint')}
        isChecked={settings.hasWatermark}
        onChange={(hasWatermark) => draftStore.updateSettings({ hasWatermark })}
      />
    </div>
  );
}
