import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { BinNotice, isBinned } from './bin-notice.tsx';
import type { CameraStore } from './camera-store.ts';
import { ImageAbsence } from './image-absence.tsx';
import styles from './stage.module.css';
import type { Around } from './use-neighbors.ts';
import type { ViewerControls } from './actions.ts';
import { ZoomPane } from './zoom-pane.tsx';

export interface StageProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly store: CameraStore;
  readonly around: Around;
  readonly controls: ViewerControls;
}

/** The image, with the ways to the ones before and after it. */
export function Stage({ record, image, store, around, controls }: StageProps): ReactNode {
  const t = useTranslations('view');
  return (
    <div className={styles['stage']}>
      <div className={styles['notice']}>
        {isBinned(record, image) && (
          <BinNotice record={record} image={image} onRestore={controls.restore} onPurge={controls.askPurge} />
        )}
      </div>
      <ImageOrAbsence key={image.id} record={record} image={image} store={store} controls={controls} />
      <IconButton
        label={t('previous')}
        className={`${styles['step']} ${styles['previous']}`}
        disabled={around.previous === null}
        onClick={() => controls.step(-1)}
      >
        <Icon name="chevronLeft" size={28} />
      </IconButton>
      <IconButton
        label={t('next')}
        className={`${styles['step']} ${styles['next']}`}
        disabled={around.next === null}
        onClick={() => controls.step(1)}
      >
        <Icon name="chevronRight" size={28} />
      </IconButton>
    </div>
  );
}

function ImageOrAbsence({ record, image, store, controls }: Omit<StageProps, 'around'>): ReactNode {
  const [isBroken, setBroken] = useState(false);
  const { id, url, width, height, state, thumbhash } = image;
  if (isBroken || state !== 'stored' || url === null || width === null || height === null)
    return <ImageAbsence state={state === 'stored' ? 'broken' : state} record={record} controls={controls} />;
  return (
    <ZoomPane
      image={{ id, url, width, height, thumbhash, isBinned: isBinned(record, image) }}
      alt={record.prompt}
      store={store}
      onSwipe={controls.step}
      onBroken={() => setBroken(true)}
    />
  );
}
