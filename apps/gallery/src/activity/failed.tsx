import { Link } from '@tanstack/react-router';
import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import button from '../ui/button.module.css';
import styles from './activity.module.css';
import { causeOf, isWorthRepeating } from '../generations/cause.ts';
import { RecordRow, shortPrompt } from './record-row.tsx';
import { Section } from './section.tsx';
import { ShowMore } from './show-more.tsx';
import { useAgain } from './use-again.ts';
import { useEnded } from './use-records.ts';
import { Why } from './why.tsx';

/** What failed and whose bill is settled: it can be sent again without paying twice. */
export function Failed(): ReactNode {
  const t = useTranslations('activity');
  const query = useEnded('failed', { state: ['failed'], outcome: ['billed', 'not_billed'] });
  const records = query.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Section title={t('failed')} query={query} isEmpty={records.length === 0} empty={t('nothingFailed')}>
      <ul className={styles['list']}>
        {records.map((record) => (
          <RecordRow key={record.id} record={record} actions={<Again record={record} />}>
            <Why record={record} />
          </RecordRow>
        ))}
      </ul>
      <ShowMore query={query} />
    </Section>
  );
}

/** The same once more where that can succeed, and the form with its settings. */
function Again({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('activity');
  const again = useAgain();
  if (!useMay('generate')) return null;
  const prompt = shortPrompt(record);
  return (
    <>
      <Link to="/create" search={{ from: record.id }} className={button['button']} aria-label={t('editOf', { prompt })}>
        {t('edit')}
      </Link>
      {isWorthRepeating(causeOf(record)) && (
        <Button
          aria-label={t('rerunOf', { prompt })}
          title={t('rerunHint')}
          isBusy={again.isPending}
          onClick={() => again.mutate(record)}
        >
          {t('rerun')}
        </Button>
      )}
    </>
  );
}
