import type { GenerationRecord } from '@wan-image/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { isBinned } from './bin-notice.tsx';
import styles from './generation-page.module.css';

/** The images of a generation, also while it goes on. */
export function GenerationImages({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const { images, finished_at } = record;
  if (images.length === 0 && finished_at === null) return null;
  return (
    <section>
      <h2>{t('images')}</h2>
      {images.length === 0 && <p className={styles['secondary']}>{t('noImages')}</p>}
      <ul className={styles['images']}>
        {images.map(({ id, index, state, url, deleted_at }) => (
          <li key={id}>
            <Link
              to="/view/$imageId"
              params={{ imageId: id }}
              search={{}}
              className={styles['image']}
              aria-label={t('openImage', { number: index + 1 })}
            >
              {state === 'stored' && url !== null ? (
                <img src={thumbnailUrl(url, 320, isBinned(record, { state, deleted_at }))} alt="" loading="lazy" />
              ) : (
                t(`imageState.${state}`)
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
