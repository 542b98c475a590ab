import type { ServiceInfo } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Copyable } from './copyable.tsx';
import { exampleCurl } from './example.ts';
import { Section } from './section.tsx';
import styles from './settings.module.css';

/** AnyFast's own example, by which its documentation can be found. */
const PROMPT = '一间有着精致窗户的花店，漂亮的木质门，摆放着花朵';

/** How other programs use the service. */
export function Clients({ info }: { readonly info: ServiceInfo }): ReactNode {
  const t = useTranslations('settings');
  const baseUrl = location.origin;
  const key = info.key_required ? t('yourKey') : null;
  return (
    <Section title={t('clients')}>
      <h3 className={styles['legend']}>{t('baseUrl')}</h3>
      <Copyable text={baseUrl} label={t('copyUrl')} />
      <p className={styles['hint']}>{t('baseUrlHint')}</p>
      {info.key_required && <p className={styles['hint']}>{t('keyHint')}</p>}
      <h3 className={styles['legend']}>{t('curl')}</h3>
      <Copyable text={exampleCurl({ baseUrl, prompt: PROMPT, key })} label={t('copyCurl')} />
      <p className={styles['hint']}>{t(info.simulated ? 'curlFree' : 'curlCost')}</p>
      <ul className={styles['links']}>
        <li>
          <a href="/docs" target="_blank" rel="noreferrer">
            {t('documentation')}
          </a>
        </li>
        <li>
          <a href="/openapi.json" target="_blank" rel="noreferrer">
            {t('openapi')}
          </a>
        </li>
      </ul>
    </Section>
  );
}
