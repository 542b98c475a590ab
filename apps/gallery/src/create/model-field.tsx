import { MODELS, type ModelName } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { FieldGroup } from '../ui/field.tsx';
import { Segments } from '../ui/segments.tsx';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';
import { MODEL_TEXTS } from './model-names.ts';

export function ModelField({ model }: { readonly model: ModelName }): ReactNode {
  const t = useTranslations('create');
  return (
    <FieldGroup label={t('model')}>
      <Segments
        label={t('model')}
        value={model}
        onChange={(next) => draftStore.updateSettings({ model: next })}
        options={MODELS.map((value) => ({
          value,
          label: (
            <>
              <span>{t(`models.${MODEL_TEXTS[value]}`)}</span>
              <span className={styles['note']}>{t(`modelHints.${MODEL_TEXTS[value]}`)}</span>
            </>
          ),
        }))}
      />
    </FieldGroup>
  );
}
