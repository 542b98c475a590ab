import type { ImageListItem } from '@wan-image/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { forgetMissing } from '../changes/changes.ts';
import { reader } from '../api/reader.ts';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { classes } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { aspectOf } from './cells.ts';
import styles from './cell.module.css';
import { Placeholder } from './placeholder.tsx';

const WIDTHS = [320, 640, 1280] as const;

/** Images that were shown a moment ago: the browser has them still, and whoever comes back sees them at once. */
const shownBefore = new Set<string>();
const SHOWN_LIMIT = 500;

function rememberShown(id: string): void {
  shownBefore.delete(id);
  shownBefore.add(id);
  const [oldest] = shownBefore;
  if (shownBefore.size > SHOWN_LIMIT && oldest !== undefined) shownBefore.delete(oldest);
}

export interface ThumbnailProps {
  readonly image: ImageListItem;
  /** The place that it fills, in pixels. */
  readonly width: number;
  readonly height: number;
  /** What a screen reader says. */
  readonly alt: string;
}

/** An image of the grid, at the size in which it is shown. */
export function Thumbnail({ image, width, height, alt }: ThumbnailProps): ReactNode {
  const t = useTranslations('library');
  const queries = useQueryClient();
  const isBinned = image.deleted_at !== null;
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>(() =>
    shownBefore.has(image.id) ? 'shown' : 'loading',
  );
  const onLoad = (): void => {
    rememberShown(image.id);
    setState('shown');
  };
  const onError = (): void => {
    setState('failed');
    // Was it deleted elsewhere? Then it disappears.
    reader.getImage(image.id).catch((error: unknown) => forgetMissing(queries, error, image));
  };
  if (image.state !== 'stored' || state === 'failed') {
    return (
      <span
        role="img"
        aria-label={`${alt} ${t(image.state === 'pending' ? 'pending' : 'lost')}`}
        className={styles['missing']}
      >
        <Icon name={image.state === 'pending' ? 'download' : 'warning'} />
        <span aria-hidden="true">{t(image.state === 'pending' ? 'pending' : 'lost')}</span>
      </span>
    );
  }
  return (
    <>
      {state === 'loading' && <Placeholder thumbhash={image.thumbhash} />}
      <img
        alt={alt}
        className={classes(styles['image'], state === 'shown' && styles['shown'])}
        decoding="async"
        draggable={false}
        // A wide image whose sides are cut needs more pixels than the place is wide.
        sizes={`${Math.ceil(Math.max(width, height * aspectOf(image)))}px`}
        srcSet={WIDTHS.map((one) => `${thumbnailUrl(image.url, one, isBinned)} ${one}w`).join(', ')}
        src={thumbnailUrl(image.url, 640, isBinned)}
        onLoad={onLoad}
        onError={onError}
      />
    </>
  );
}
