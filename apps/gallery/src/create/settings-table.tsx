import type { ModelName } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import type { DraftInput } from './draft.ts';
import type { Proposal } from './earlier.ts';
import { MODEL_TEXTS } from './model-names.ts';
import styles from './settings-dialog.module.css';
import type { Difference } from './settings.ts';

export interface SettingsTableProps {
  readonly proposal: Proposal;
  /** Whether the form has a seed that it chose by itself. */
  readonly isSeedRandom: boolean;
}

/** What differs: as it is, and as it would be. */
export function SettingsTable({ proposal: { differences, inputs }, isSeedRandom }: SettingsTableProps): ReactNode {
  const t = useTranslations('create');
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th scope="col">{t('setting')}</th>
          <th scope="col">{t('before')}</th>
          <th scope="col">{t('after')}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">{t(`names.${name}`)}</th>
            <td className={styles['before']}>
              {name === 'seed' && isSeedRandom ? t('seedRandom') : <Value name={name} value={before} />}
            </td>
            <td>
              <Value name={name} value={after} />
            </td>
          </tr>
        ))}
        {inputs !== null && (
          <tr>
            <th scope="row">{t('names.inputs')}</th>
            <td className={styles['before']}>
              <Inputs inputs={inputs.before} />
            </td>
            <td>
              <Inputs inputs={inputs.after} />
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Value({
  name,
  value,
}: {
  readonly name: Difference['name'];
  readonly value: Difference['before'];
}): ReactNode {
  const t = useTranslations('create');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (name === 'model') return t(`models.${MODEL_TEXTS[value as ModelName]}`);
  if (name === 'size') return String(value).replace('x', ' × ');
  if (name === 'prompt') {
    const text = value === '' ? t('none') : String(value);
    return (
      <div className={styles['prompt']} title={text}>
        {text}
      </div>
    );
  }
  return value;
}

function Inputs({ inputs }: { readonly inputs: readonly DraftInput[] }): ReactNode {
  const t = useTranslations('create');
  if (inputs.length === 0) return t('none');
  return (
    <ol className={styles['inputs']}>
      {inputs.map((input, index) => (
        <li key={input.key}>
          {input.kind === 'url' && input.isOwn ? (
            <img src={thumbnailUrl(input.url, 320)} alt={t('inputName', { number: index + 1 })} />
          ) : (
            <span>{input.kind === 'file' ? input.name : (URL.parse(input.url)?.host ?? input.url)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}
