import type { GenerationRecord } from '@wan-image/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { CancelButton } from '../generations/cancel-button.tsx';
import { causeOf, isWorthRepeating } from '../generations/cause.ts';
import { useRerun } from '../generations/use-rerun.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import styles from './generation-page.module.css';
import { CopyItems } from './copy-items.tsx';

/** What can be done with a generation. */
export function GenerationActions({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const g = useTranslations('generations');
  const mayGenerate = useMay('generate');
  const navigate = useNavigate();
  const rerun = useRerun();
  const isInFlight = record.finished_at === null;
  return (
    <div className={styles['actions']}>
      {mayGenerate && (
        <CancelButton record={record} isShown={isInFlight}>
          {g('cancelNow')}
        </CancelButton>
      )}
      {mayGenerate && !isInFlight && record.deleted_at === null && isRepeatable(record) && (
        <Button onClick={() => rerun(record)}>
          <Icon name="rerun" />
          {t(record.outcome === 'unknown' ? 'runAgainUnknown' : 'runAgain')}
        </Button>
      )}
      {mayGenerate && (
        <Button onClick={() => void navigate({ to: '/create', search: { from: record.id } })}>{t('use')}</Button>
      )}
      <Menu
        trigger={
          <IconButton label={t('more')}>
            <Icon name="more" />
          </IconButton>
        }
      >
        <CopyItems record={record} />
      </Menu>
    </div>
  );
}

/** What was refused for its content is refused again. */
function isRepeatable(record: GenerationRecord): boolean {
  return record.state !== 'failed' || isWorthRepeating(causeOf(record));
}
