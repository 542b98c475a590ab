import type { GenerationRecord } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import styles from './activity.module.css';
import { RecordRow, shortPrompt } from './record-row.tsx';
import { ResolveDialog } from '../generations/resolve-dialog.tsx';
import { Section } from './section.tsx';
import { ShowMore } from './show-more.tsx';
import { useEnded } from './use-records.ts';
import { Why } from './why.tsx';

/** What may have been billed, until somebody says whether it was. */
export function Unknown(): ReactNode {
  const t = useTranslations('activity');
  const query = useEnded('unknown', { outcome: ['unknown'] });
  const mayManage = useMay('manage');
  const [asked, setAsked] = useState<GenerationRecord | null>(null);
  const records = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const lead = mayManage ? t('unknownLead') : `${t('unknownLead')} ${t('needsManage')}`;
  return (
    <>
      <Section
        title={t('unknown')}
        lead={lead}
        query={query}
        isEmpty={records.length === 0}
        empty={t('nothingUnknown')}
      >
        <ul className={styles['list']}>
          {records.map((record) => (
            <RecordRow
              key={record.id}
              record={record}
              actions={
                mayManage && (
                  <Button aria-label={t('resolveOf', { prompt: shortPrompt(record) })} onClick={() => setAsked(record)}>
                    {t('resolve')}
                  </Button>
                )
              }
            >
              <Why record={record} />
            </RecordRow>
          ))}
        </ul>
        <ShowMore query={query} />
      </Section>
      {/* Not within the section: that shows nothing of it once its list is empty, and the dialog would not learn of its end. */}
      {asked && <ResolveDialog record={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
