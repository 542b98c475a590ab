import type { LineageNode } from '@wan-image/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { Icon } from '../ui/icon.tsx';
import styles from './lineage.module.css';

export interface LineageNodeViewProps {
  readonly node: LineageNode;
  readonly isCurrent: boolean;
  /** One generation of the map can be reached by the tab key. */
  readonly isFocusable: boolean;
  readonly onFocus: () => void;
}

/** A generation on the map: a link to its own map. One that was deleted for good leads nowhere. */
export function LineageNodeView({ node, isCurrent, isFocusable, onFocus }: LineageNodeViewProps): ReactNode {
  const t = useTranslations('view');
  const { id, exists, state, prompt, deleted_at, images } = node;
  const tabIndex = isFocusable ? 0 : -1;
  if (!exists || state === null)
    return (
      // Arrow keys walk over it to what is beyond.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      <div className={styles['node']} data-gone tabIndex={tabIndex} data-node={id} onFocus={onFocus}>
        {t('lineageGone')}
      </div>
    );
  const [cover] = images;
  return (
    <Link
      to="/generations/$id"
      params={{ id }}
      hash="lineage"
      className={styles['node']}
      aria-current={isCurrent ? 'true' : undefined}
      title={prompt ?? undefined}
      tabIndex={tabIndex}
      data-node={id}
      onFocus={onFocus}
    >
      <span className={styles['cover']}>
        <span className="visually-hidden">{isCurrent ? t('lineageCurrent') : t(`states.${state}`)}</span>
        {cover === undefined ? (
          <span className={styles['stateName']} aria-hidden="true">
            {t(`states.${state}`)}
          </span>
        ) : (
          <img src={thumbnailUrl(cover.url, 320)} alt="" draggable={false} />
        )}
        {images.length > 1 && (
          <span className={styles['count']}>
            <Icon name="stack" size={12} />
            {images.length}
          </span>
        )}
      </span>
      <span className={styles['caption']}>{deleted_at === null ? prompt : t('lineageBinned')}</span>
    </Link>
  );
}
