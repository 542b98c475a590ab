import { MAX_IMAGES, MAX_IMAGES_IN_SET } from '@wan-image/core';
import { useId, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { FieldGroup } from '../ui/field.tsx';
import { Segments } from '../ui/segments.tsx';
import { Choice } from './choice.tsx';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';
import type { Settings } from './settings.ts';

const COUNTS = Array.from({ length: MAX_IMAGES }, (_, index) => index + 1);

/** How many images, or a set of up to so many. */
export function CountField({ settings }: { readonly settings: Settings }): ReactNode {
  const t = useTranslations('create');
  const { n, isSet, setSize } = settings;
  return (
    <FieldGroup
      label={t('count')}
      aside={isSet && <span className={styles['note']}>{t('upTo', { count: setSize })}</span>}
    >
      {isSet ? (
        <SetSize value={setSize} />
      ) : (
        <Segments
          label={t('count')}
          value={n}
          onChange={(next) => draftStore.updateSettings({ n: next })}
          options={COUNTS.map((value) => ({ value, label: value }))}
        />
      )}
      <Choice
        label={t('set')}
        hint={t('setHint')}
        isChecked={isSet}
        onChange={(next) => draftStore.updateSettings({ isSet: next })}
      />
    </FieldGroup>
  );
}

function SetSize({ value }: { readonly value: number }): ReactNode {
  const t = useTranslations('create');
  const id = useId();
  return (
    <div className={styles['setSize']}>
      <label htmlFor={id} className="visually-hidden">
        {t('setCount')}
      </label>
      <span aria-hidden="true">1</span>
      <input
        id={id}
        type="range"
        min={1}
        max={MAX_IMAGES_IN_SET}
        value={value}
        aria-valuetext={t('upTo', { count: value })}
        onChange={(event) => draftStore.updateSettings({ setSize: event.target.valueAsNumber })}
      />
      <span aria-hidden="true">{MAX_IMAGES_IN_SET}</span>
    </div>
  );
}
