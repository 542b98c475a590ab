import type { GenerationRecord } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { ResolveDialog } from '../generations/resolve-dialog.tsx';
import { Button } from '../ui/button.tsx';
import styles from './generation-page.module.css';

/** Settles an outcome that nobody knows, from the invoice of the upstream. */
export function ResolveOutcome({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('generations');
  const [isAsking, setAsking] = useState(false);
  if (!useMay('manage')) return null;
  return (
    <section className={styles['resolve']}>
      <h2>{t('resolveTitle')}</h2>
      <div className={styles['actions']}>
        <Button onClick={() => setAsking(true)}>{t('settle')}</Button>
      </div>
      {isAsking && <ResolveDialog record={record} onClose={() => setAsking(false)} />}
    </section>
  );
}
