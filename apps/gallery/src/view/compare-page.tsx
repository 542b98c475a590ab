import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { useQueries } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Loading, Message } from '../ui/message.tsx';
import { ComparedImage } from './compared-image.tsx';
import { useCameraStore } from './camera-store.ts';
import styles from './compare-page.module.css';
import { compareParameters } from './comparison.ts';
import { generationIdOf } from './image-name.ts';
import { useCompareKeys } from './use-compare-keys.ts';
import { recordQuery } from './use-record.ts';

interface Shown {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
}

/** `/compare?image=…`: two to four images side by side, zoomed and moved together. */
export function ComparePage(): ReactNode {
  const t = useTranslations('view');
  const { image: ids = [] } = useSearch({ from: '/compare' });
  const navigate = useNavigate();
  const store = useCameraStore();
  useCompareKeys(store, () => void navigate({ to: '/' }));
  const results = useQueries({ queries: ids.map((id) => recordQuery(generationIdOf(id))) });
  const shown = results.map(({ data }, at) => shownOf(data, ids[at]));
  const remove = (id: string): void =>
    void navigate({ to: '/compare', search: { image: ids.filter((other) => other !== id) }, replace: true });
  if (ids.length < 2)
    return (
      <>
        <h1 className="visually-hidden">{t('compareTitle')}</h1>
        <Message title={t('compareFew')} detail={t('compareFewHint')}>
          <Link to="/">{t('toLibrary')}</Link>
        </Message>
      </>
    );
  if (results.some(({ isPending }) => isPending)) return <Loading />;
  const parameters = compareParameters(shown.flatMap((one) => (one === null ? [] : [one.record])));
  return (
    <div className={styles['page']}>
      <h1 className="visually-hidden">{t('compareTitle')}</h1>
      <p className={styles['hint']}>{t('compareHint')}</p>
      <ol className={styles['columns']} data-count={ids.length}>
        {shown.map((one, at) => {
          const id = ids[at] ?? '';
          return (
            <ComparedImage
              key={id}
              id={id}
              number={at + 1}
              shown={one}
              error={results[at]?.error ?? null}
              store={store}
              column={shown.slice(0, at).filter((other) => other !== null).length}
              parameters={parameters}
              onRemove={() => remove(id)}
            />
          );
        })}
      </ol>
    </div>
  );
}

function shownOf(record: GenerationRecord | undefined, imageId: string | undefined): Shown | null {
  const image = record?.images.find(({ id }) => id === imageId);
  return record === undefined || image === undefined ? null : { record, image };
}
