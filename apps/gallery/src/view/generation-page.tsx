import { isWanImageError, type GenerationRecord } from '@wan-image/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useShortcuts } from '../page/shortcuts.ts';
import { useRestore } from '../changes/changes.ts';
import { Loading, Message, ProblemMessage } from '../ui/message.tsx';
import { BinNotice } from './bin-notice.tsx';
import { Facts } from './facts.tsx';
import { GenerationActions } from './generation-actions.tsx';
import { GenerationImages } from './generation-images.tsx';
import styles from './generation-page.module.css';
import { GenerationState } from './generation-state.tsx';
import { LineageSection } from './lineage-section.tsx';
import { useLiveRecord } from './live-record.ts';
import { useRecord } from './use-record.ts';

/** `/generations/$id`: what happened to a generation, with or without images, and what it was made from. */
export function GenerationPage(): ReactNode {
  const t = useTranslations('view');
  const { id } = useParams({ from: '/generations/$id' });
  // On the way from one to the next, the present one stays until the next has arrived.
  const { data: record, error, refetch } = useRecord(id, true);
  useLiveRecord(record);
  if (record !== undefined) return <Shown key={record.id} record={record} />;
  if (error === null) return <Loading />;
  // 400: it cannot be an id.
  if (!isWanImageError(error) || ![400, 404, 410].includes(error.status ?? 0))
    return <ProblemMessage error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <h1 className="visually-hidden">{t('generation')}</h1>
      <Message title={t('missingGeneration')} detail={t('missingGenerationHint')}>
        <Link to="/">{t('toLibrary')}</Link>
      </Message>
    </>
  );
}

function Shown({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const restore = useRestore();
  const navigate = useNavigate();
  useShortcuts({ Escape: () => void navigate({ to: '/' }) });
  return (
    <article className={styles['page']}>
      {record.deleted_at !== null && (
        <BinNotice
          record={record}
          image={null}
          onRestore={() => restore.mutate({ generations: [record.id], images: [], count: record.images.length })}
        />
      )}
      <header className={styles['header']}>
        <h1>{t('generation')}</h1>
        <GenerationActions record={record} />
      </header>
      <div className={styles['columns']}>
        <div className={styles['main']}>
          <GenerationState record={record} />
          <GenerationImages record={record} />
          <LineageSection id={record.id} />
        </div>
        <Facts record={record} image={null} matches={[]} />
      </div>
    </article>
  );
}
