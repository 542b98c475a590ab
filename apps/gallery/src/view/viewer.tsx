import type { GenerationFilter, GenerationRecord, ImageRecord } from '@wan-image/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { createPreference, usePreference } from '../page/preference.ts';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { useImageActions } from './actions.ts';
import { useCameraStore } from './camera-store.ts';
import { CompareDialog } from './compare-dialog.tsx';
import { FactsPanel } from './facts-panel.tsx';
import { PurgeDialog } from './purge-dialog.tsx';
import { SiblingStrip } from './sibling-strip.tsx';
import { Stage } from './stage.tsx';
import { Toolbar } from './toolbar.tsx';
import { useMatches, recordQuery } from './use-record.ts';
import { useNeighbors, type Around } from './use-neighbors.ts';
import { useViewerKeys } from './use-viewer-keys.ts';
import styles from './viewer.module.css';

/** Whether the facts are shown. On a phone they cover the image, so there they start closed. */
const factsPreference = createPreference('facts', ['shown', 'hidden'], () =>
  matchMedia('(min-width: 60rem)').matches ? 'shown' : 'hidden',
);

export interface ViewerProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly filter: GenerationFilter;
  readonly onClose: () => void;
}

/** An image, everything that is known about it, and what can be done with it. */
export function Viewer({ record, image, filter, onClose }: ViewerProps): ReactNode {
  const t = useTranslations('view');
  const store = useCameraStore();
  const isFactsOpen = usePreference(factsPreference) === 'shown';
  const [dialog, setDialog] = useState<'compare' | 'purge' | null>(null);
  const { around, open, step, leave } = useSteps({ record, image, filter, onClose });
  const matches = useMatches(record.id, filter.q);
  const actions = useImageActions(record, image, leave);
  useEffect(() => store.show(image.id), [store, image.id]);
  const controls = {
    ...actions,
    close: onClose,
    step,
    compare: () => setDialog('compare'),
    askPurge: () => setDialog('purge'),
    toggleFacts: () => factsPreference.set(isFactsOpen ? 'hidden' : 'shown'),
  };
  useViewerKeys(store, controls, record, image);
  return (
    <div className={styles['viewer']} data-facts={isFactsOpen || undefined}>
      <h1 className="visually-hidden" aria-live="polite">
        {record.prompt}
      </h1>
      <div className={styles['front']}>
        <Toolbar record={record} image={image} store={store} controls={controls} isFactsOpen={isFactsOpen} />
        <Stage record={record} image={image} store={store} around={around} controls={controls} />
        <SiblingStrip record={record} image={image} onOpen={open} />
      </div>
      {isFactsOpen && <FactsPanel record={record} image={image} matches={matches} onClose={controls.toggleFacts} />}
      {dialog === 'compare' && (
        <CompareDialog record={record} image={image} around={around} onClose={() => setDialog(null)} />
      )}
      {dialog === 'purge' && (
        <PurgeDialog
          title={t('purgeTitle')}
          onClose={() => setDialog(null)}
          onConfirm={() => {
            setDialog(null);
            actions.purge();
          }}
        />
      )}
    </div>
  );
}

interface Steps {
  readonly around: Around;
  readonly open: (imageId: string) => void;
  readonly step: (by: 1 | -1) => void;
  /** From an image that disappears to the next one; to the library if it was the last. */
  readonly leave: () => void;
}

/** The way from image to image. It leaves one entry in the browser's history, so that "back" leads to the library. */
function useSteps({ record, image, filter, onClose }: ViewerProps): Steps {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const around = useNeighbors(filter, {
    id: image.id,
    generation_id: record.id,
    index: image.index,
    created_at: record.created_at,
  });
  const { previous, next } = around;
  useEffect(() => {
    for (const near of [next, previous]) {
      if (near === null) continue;
      void queries.prefetchQuery(recordQuery(near.generation_id));
      if (near.state === 'stored') new Image().src = thumbnailUrl(near.url, 1280, near.deleted_at !== null);
    }
  }, [queries, next, previous]);
  const open = (imageId: string): void =>
    void navigate({ to: '/view/$imageId', params: { imageId }, search: filter, replace: true });
  const { imageId } = useParams({ from: '/view/$imageId' });
  const lastStep = useRef<1 | -1>(1);
  const step = (by: 1 | -1): void => {
    // On the way to a neighbor that is not shown yet, only the way back is known.
    if (imageId !== image.id) {
      if (by !== lastStep.current) open(image.id);
      return;
    }
    const target = by > 0 ? next : previous;
    if (target === null) return;
    lastStep.current = by;
    open(target.id);
  };
  const leave = (): void => {
    const target = next ?? previous;
    if (target === null) onClose();
    else open(target.id);
  };
  return { around, open, step, leave };
}
