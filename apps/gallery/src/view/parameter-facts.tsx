import { PARAMETERS, type GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Fact } from './fact.tsx';
import styles from './facts.module.css';
import { useParameterName, useParameterValue } from './parameter-words.ts';

/** These have a place of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['prompt', 'image', 'user', 'metadata', 'response_format']);

/** What the generation was requested with. */
export function ParameterFacts({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const nameOf = useParameterName();
  const valueOf = useParameterValue();
  const { request, dropped, adapted } = record;
  const known = PARAMETERS.filter((name) => request[name] !== undefined);
  const others = Object.keys(request).filter((name) => !PARAMETERS.includes(name));
  const names = [...known, ...others].filter((name) => !ELSEWHERE.has(name));
  return (
    <section>
      <h2>{t('parameters')}</h2>
      <dl className={styles['list']}>
        {names.map((name) => (
          <Fact key={name} name={nameOf(name)} copied={name === 'seed' ? String(request[name]) : undefined}>
            {valueOf(name, request[name])}
          </Fact>
        ))}
        {adapted.map(({ param, given, used }) => (
          <Fact key={`adapted ${param}`} name={param}>
            {t('adapted', { value: given ?? t('notSent'), used })}
          </Fact>
        ))}
        {dropped.length > 0 && <Fact name={t('dropped')}>{dropped.join(', ')}</Fact>}
      </dl>
    </section>
  );
}
