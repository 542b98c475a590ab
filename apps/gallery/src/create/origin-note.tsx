import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import type { Origin } from './draft.ts';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';

/** Says that what is generated will be recorded as a repetition of an earlier generation. */
export function OriginNote({ origin }: { readonly origin: Origin }): ReactNode {
  const t = useTranslations('create');
  return (
    <p className={styles['origin']}>
      <span>
        {t('origin')}.{' '}
        <Link to="/generations/$id" params={{ id: origin.id }}>
          {t('originOpen')}
        </Link>
      </span>
      <Button look="plain" onClick={() => draftStore.update({ origin: null })}>
        {t('originDetach')}
      </Button>
    </p>
  );
}
