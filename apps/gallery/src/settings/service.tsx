import { MODELS, type ServiceInfo } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Section } from './section.tsx';
import styles from './settings.module.css';

/** What the service is. */
export function Service({ info }: { readonly info: ServiceInfo }): ReactNode {
  const t = useTranslations('settings');
  const models = [...new Set([...MODELS, ...Object.keys(info.prices)])];
  const isWithoutPrice = !info.simulated && models.some((model) => info.prices[model] === undefined);
  return (
    <Section title={t('service')}>
      <dl className={styles['facts']}>
        <dt>{t('version')}</dt>
        <dd>{info.version}</dd>
        <dt>{t('upstream')}</dt>
        <dd>
          {t(info.simulated ? 'upstreamSimulated' : 'upstreamReal')}
          {info.simulated && <p className={styles['hint']}>{t('upstreamHint')}</p>}
        </dd>
        <dt>{t('prices')}</dt>
        <dd>
          <ul>
            {models.map((model) => (
              <li key={model}>
                {model}: <Price info={info} model={model} />
              </li>
            ))}
          </ul>
          {isWithoutPrice && <p className={styles['hint']}>{t('noPriceHint')}</p>}
        </dd>
        <dt>{t('search')}</dt>
        <dd>{info.search.complete ? t('searchComplete') : t('searchIndexing', { percent: info.search.indexed })}</dd>
      </dl>
    </Section>
  );
}

function Price({ info, model }: { readonly info: ServiceInfo; readonly model: string }): ReactNode {
  const t = useTranslations('settings');
  const amount = info.prices[model];
  return amount === undefined ? t('noPrice') : t('pricePerImage', { amount, currency: info.currency });
}
