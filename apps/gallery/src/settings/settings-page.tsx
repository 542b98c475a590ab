import type { ServiceInfo } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import { Access } from './access.tsx';
import { Appearance } from './appearance.tsx';
import { Clients } from './clients.tsx';
import { RetentionSection } from './retention-section.tsx';
import { Service } from './service.tsx';
import styles from './settings.module.css';

/** What the service is, what this browser may do there, how the page looks, and how to use the service from elsewhere. */
export function SettingsPage(): ReactNode {
  const ta = useTranslations('app');
  const service = useService();
  return (
    <div className={styles['page']}>
      <h1>{ta('settings')}</h1>
      {service.data === undefined ? (
        service.error ? (
          <ProblemMessage error={service.error} onRetry={() => void service.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <Sections info={service.data} />
      )}
    </div>
  );
}

function Sections({ info }: { readonly info: ServiceInfo }): ReactNode {
  return (
    <>
      <Appearance />
      <Service info={info} />
      <Access info={info} />
      {info.scopes.includes('manage') && <RetentionSection />}
      <Clients info={info} />
    </>
  );
}
