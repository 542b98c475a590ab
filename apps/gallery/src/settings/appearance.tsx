import { useId, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { usePreference } from '../page/preference.ts';
import { SINGLE_KEYS, singleKeysPreference } from '../page/single-keys.ts';
import { themePreference, THEMES } from '../page/theme.ts';
import { LANGUAGE_NAMES, languagePreference } from '../i18n/language.ts';
import { Section } from './section.tsx';
import styles from './settings.module.css';

/** Language, theme and keys, which this browser remembers. */
export function Appearance(): ReactNode {
  const t = useTranslations('settings');
  const ta = useTranslations('app');
  return (
    <Section title={t('appearance')}>
      <Choice
        label={ta('language')}
        value={usePreference(languagePreference)}
        onChange={languagePreference.set}
        options={LANGUAGE_NAMES}
      />
      <Choice
        label={ta('theme')}
        value={usePreference(themePreference)}
        onChange={themePreference.set}
        options={THEMES.map((theme) => [theme, ta(`themes.${theme}`)])}
      />
      <Choice
        label={t('singleKeys')}
        value={usePreference(singleKeysPreference)}
        onChange={singleKeysPreference.set}
        options={SINGLE_KEYS.map((one) => [one, t(`singleKeysChoice.${one}`)])}
      />
    </Section>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>): ReactNode {
  const name = useId();
  return (
    <fieldset className={styles['choices']}>
      <legend className={styles['legend']}>{label}</legend>
      {options.map(([one, text]) => (
        <label key={one} className={styles['choice']}>
          <input type="radio" name={name} checked={one === value} onChange={() => onChange(one)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
