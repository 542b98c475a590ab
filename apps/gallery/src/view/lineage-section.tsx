import type { Lineage } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../api/client.ts';
import { generationKey } from '../api/keys.ts';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import styles from './lineage.module.css';
import { LineageView } from './lineage-view.tsx';

/** What a generation was made from, and what was made from it. */
export function LineageSection({ id }: { readonly id: string }): ReactNode {
  const t = useTranslations('view');
  const section = useRef<HTMLElement>(null);
  const isMeant = useLocation({ select: ({ hash }) => hash === 'lineage' });
  const { data, error, refetch } = useQuery({
    queryKey: [...generationKey(id), 'lineage'],
    queryFn: ({ signal }) => client.lineage(id, { signal }),
  });
  const isRead = data !== undefined;
  useEffect(() => {
    if (!isMeant || !isRead) return;
    section.current?.scrollIntoView({ block: 'center' });
    section.current?.querySelector<HTMLElement>('[aria-current]')?.focus({ preventScroll: true });
  }, [isMeant, isRead]);
  return (
    <section ref={section} id="lineage">
      <h2>{t('lineage')}</h2>
      {error !== null && !isRead && <ProblemMessage error={error} onRetry={() => void refetch()} />}
      {error === null && !isRead && <Loading />}
      {isRead && <Map lineage={data} />}
    </section>
  );
}

function Map({ lineage }: { readonly lineage: Lineage }): ReactNode {
  const t = useTranslations('view');
  if (lineage.nodes.length < 2) return <p className={styles['lead']}>{t('lineageAlone')}</p>;
  return (
    <>
      <p className={styles['lead']}>
        {t('lineageLead')} <span className={styles['keys']}>{t('lineageKeys')}</span>
      </p>
      <LineageView lineage={lineage} />
      {lineage.truncated && <p className={styles['lead']}>{t('lineageTruncated')}</p>}
    </>
  );
}
