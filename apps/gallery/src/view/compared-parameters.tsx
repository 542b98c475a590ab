import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import styles from './compare-page.module.css';
import type { ComparedParameter } from './comparison.ts';
import { useParameterName, useParameterValue } from './parameter-words.ts';

export interface ComparedParametersProps {
  readonly parameters: readonly ComparedParameter[];
  readonly column: number;
}

/** The parameters of one of the images that are compared. */
export function ComparedParameters({ parameters, column }: ComparedParametersProps): ReactNode {
  const t = useTranslations('view');
  const nameOf = useParameterName();
  const valueOf = useParameterValue();
  return (
    <dl className={styles['parameters']}>
      {parameters.map(({ name, values, isDifferent }) => (
        <div key={name} className={styles['parameter']} data-different={isDifferent || undefined}>
          <dt>
            {nameOf(name)}
            {isDifferent && <span className={styles['differs']}>≠ {t('compareDiffers')}</span>}
          </dt>
          <dd dir="auto">{valueOf(name, wordOf(values[column]))}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Switches are compared as texts too. */
function wordOf(value: string | null | undefined): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}
