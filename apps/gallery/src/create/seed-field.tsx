import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';
import { newSeed } from './settings.ts';

export interface SeedFieldProps {
  readonly seed: number;
  readonly isLocked: boolean;
  readonly problem: string | null;
}

/** What the schema refuses, so that an empty field is a problem and not a random seed that nobody sees. */
const EMPTY = -1;

/** The seed that the next request has or, if it is not locked, the one that the last request had. */
export function SeedField({ seed, isLocked, problem }: SeedFieldProps): ReactNode {
  const t = useTranslations('create');
  const setSeed = (digits: string): void =>
    draftStore.updateSettings({ seed: digits === '' ? EMPTY : Number(digits), isSeedLocked: true });
  return (
    <Field label={t('seed')} hint={`${t('seedHint')} ${t(isLocked ? 'seedKept' : 'seedFree')}`} problem={problem}>
      {(control) => (
        <div className={styles['seed']}>
          <input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            value={seed === EMPTY ? '' : seed}
            onChange={(event) => setSeed(event.target.value.replaceAll(/\D/g, '').slice(0, 12))}
          />
          <IconButton label={t('seedNew')} onClick={() => draftStore.updateSettings({ seed: newSeed() })}>
            <Icon name="dice" />
          </IconButton>
          <IconButton
            label={t('seedLocked')}
            aria-pressed={isLocked}
            onClick={() => draftStore.updateSettings({ isSeedLocked: !isLocked })}
          >
            <Icon name={isLocked ? 'lock' : 'unlock'} />
          </IconButton>
        </div>
      )}
    </Field>
  );
}
