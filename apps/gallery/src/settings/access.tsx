import { API_KEY_SCOPES, type ServiceInfo } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Icon } from '../ui/icon.tsx';
import { Section } from './section.tsx';
import styles from './settings.module.css';

/** What this browser may do. */
export function Access({ info }: { readonly info: ServiceInfo }): ReactNode {
  const t = useTranslations('settings');
  return (
    <Section title={t('access')}>
      <p>{t(info.key_required ? 'signedIn' : 'open')}</p>
      {info.key_required && (
        <ul className={styles['scopes']}>
          {API_KEY_SCOPES.map((scope) => {
            const isAllowed = info.scopes.includes(scope);
            return (
              <li key={scope} className={styles['scope']} data-allowed={isAllowed}>
                <Icon name={isAllowed ? 'check' : 'close'} size={18} />
                <span className="visually-hidden">{t(isAllowed ? 'allowed' : 'denied')}: </span>
                <code>{scope}</code> {t(`scopes.${scope}`)}
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
