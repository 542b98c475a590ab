import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { isBinned } from './bin-notice.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './sibling-strip.module.css';

export interface SiblingStripProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly onOpen: (imageId: string) => void;
}

/** The images of a set, small and side by side. */
export function SiblingStrip({ record, image, onOpen }: SiblingStripProps): ReactNode {
  const t = useTranslations('view');
  const siblings = record.images.filter(({ id, deleted_at }) => id === image.id || deleted_at === null);
  if (siblings.length < 2) return null;
  return (
    <nav aria-label={t('siblings')} className={styles['strip']}>
      <ul className={styles['list']}>
        {siblings.map((sibling) => (
          <li key={sibling.id}>
            <button
              type="button"
              className={styles['item']}
              aria-current={sibling.id === image.id ? 'true' : undefined}
              aria-label={t('sibling', { number: sibling.index + 1, count: record.images.length })}
              onClick={() => onOpen(sibling.id)}
            >
              {sibling.url !== null && sibling.state === 'stored' && (
                <img src={thumbnailUrl(sibling.url, 320, isBinned(record, sibling))} alt="" draggable={false} />
              )}
              {sibling.favorite && (
                <span className={styles['favorite']}>
                  <Icon name="heart" isFilled size={14} />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
