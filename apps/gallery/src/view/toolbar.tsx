import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { localUrl } from '../api/thumbnail.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { FIT } from './camera.ts';
import { useZoom, type CameraStore } from './camera-store.ts';
import { isBinned } from './bin-notice.tsx';
import { fileNameOf } from './image-name.ts';
import styles from './toolbar.module.css';
import { zoomIn, zoomOut, zoomToPixels } from './zoom.ts';
import { ViewerMenu } from './viewer-menu.tsx';
import type { ViewerControls } from './actions.ts';

export interface ToolbarProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly store: CameraStore;
  readonly controls: ViewerControls;
  readonly isFactsOpen: boolean;
}

/** What can be done with the image. */
export function Toolbar({ record, image, store, controls, isFactsOpen }: ToolbarProps): ReactNode {
  const t = useTranslations('view');
  const isStored = image.state === 'stored' && image.url !== null;
  return (
    <div role="group" aria-label={t('toolbar')} className={styles['toolbar']}>
      <IconButton label={t('toLibrary')} onClick={controls.close}>
        <Icon name="back" />
      </IconButton>
      {isStored && <ZoomControls store={store} />}
      <div className={styles['actions']}>
        <Changes record={record} image={image} controls={controls} />
        {isStored && image.url !== null && (
          <a
            className={`${styles['link']} ${styles['wide']}`}
            href={localUrl(image.url, isBinned(record, image))}
            download={fileNameOf(record.prompt, image)}
            aria-label={t('download')}
            title={t('download')}
          >
            <Icon name="download" />
          </a>
        )}
        <ViewerMenu record={record} image={image} controls={controls} />
        <IconButton label={t('facts')} aria-pressed={isFactsOpen} onClick={controls.toggleFacts}>
          <Icon name="info" />
        </IconButton>
      </div>
    </div>
  );
}

function Changes({ record, image, controls }: Pick<ToolbarProps, 'record' | 'image' | 'controls'>): ReactNode {
  const t = useTranslations('view');
  const mayManage = useMay('manage');
  const mayGenerate = useMay('generate');
  return (
    <>
      {mayManage && (
        <IconButton
          label={t('favorite')}
          aria-pressed={image.favorite}
          className={image.favorite ? styles['favorite'] : undefined}
          onClick={controls.toggleFavorite}
        >
          <Icon name="heart" isFilled={image.favorite} />
        </IconButton>
      )}
      {mayGenerate && (
        <>
          <IconButton label={t('rerun')} className={styles['wide']} onClick={() => controls.rerun()}>
            <Icon name="rerun" />
          </IconButton>
          {image.state === 'stored' && (
            <IconButton label={t('edit')} className={styles['wide']} onClick={controls.edit}>
              <Icon name="edit" />
            </IconButton>
          )}
        </>
      )}
      {mayManage && !isBinned(record, image) && image.state !== 'deleted' && (
        <IconButton label={t('remove')} onClick={controls.remove}>
          <Icon name="bin" />
        </IconButton>
      )}
    </>
  );
}

function ZoomControls({ store }: { readonly store: CameraStore }): ReactNode {
  const t = useTranslations('view');
  const { percent, isWhole } = useZoom(store);
  const label = t(isWhole ? 'zoomTrue' : 'zoomFit', { percent: percent ?? 100 });
  return (
    <div className={styles['zoom']}>
      <IconButton label={t('zoomOut')} className={styles['wide']} onClick={() => zoomOut(store)}>
        <span aria-hidden="true">−</span>
      </IconButton>
      <Button
        look="plain"
        className={styles['percent']}
        aria-label={label}
        title={label}
        onClick={() => (isWhole ? zoomToPixels(store) : store.set(FIT))}
      >
        {percent !== null && t('percent', { percent })}
      </Button>
      <IconButton label={t('zoomIn')} className={styles['wide']} onClick={() => zoomIn(store)}>
        <span aria-hidden="true">+</span>
      </IconButton>
    </div>
  );
}
