import type { ImageListItem } from '@wan-image/core';
import { useRouter } from '@tanstack/react-router';
import { Suspense, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { targetOf, useFavorite, useRestore } from '../changes/changes.ts';
import { useMay } from '../api/service.ts';
import { stringifySearchParams } from '../page/search-params.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useDownload } from './download.ts';
import type { LibrarySearch } from '../filter/library-search.ts';
import styles from './selection-bar.module.css';
import { markingOf, selection, useSelection } from './selection.ts';
import { late } from '../ui/late.ts';

const TagsDialog = late(async () => (await import('./tags-dialog.tsx')).TagsDialog);
const NoteDialog = late(async () => (await import('./note-dialog.tsx')).NoteDialog);

const MAX_COMPARED = 4;

export interface SelectionBarProps {
  readonly search: LibrarySearch;
  readonly onRemove: (images: readonly ImageListItem[]) => void;
}

/** What can be done with the selected images. */
export function SelectionBar({ search, onRemove }: SelectionBarProps): ReactNode {
  const t = useTranslations('library');
  const images = [...useSelection().values()];
  const mayChange = useMay('manage');
  const isBin = search.deleted === true;
  return (
    <div role="toolbar" aria-label={t('selectionLabel')} className={styles['bar']}>
      <IconButton label={t('clear')} onClick={() => selection.clear()}>
        <Icon name="close" />
      </IconButton>
      <output className={styles['count']}>{t('selected', { count: images.length })}</output>
      {!isBin && mayChange && <Changes images={images} />}
      {!isBin && <CompareButton images={images} />}
      <DownloadButton images={images} />
      {isBin && mayChange && <RestoreButton images={images} />}
      {mayChange && (
        <IconButton label={t(isBin ? 'purge' : 'remove')} onClick={() => onRemove(images)}>
          <Icon name="bin" />
        </IconButton>
      )}
    </div>
  );
}

interface ActionProps {
  readonly images: readonly ImageListItem[];
}

function Changes({ images }: ActionProps): ReactNode {
  const t = useTranslations('library');
  const favorite = useFavorite();
  const [dialog, setDialog] = useState<'tags' | 'note' | null>(null);
  const areMarked = images.every((image) => image.favorite);
  const mark = (): void => favorite.mutate(markingOf(images));
  const close = (): void => setDialog(null);
  return (
    <>
      <IconButton label={t(areMarked ? 'removeFavorite' : 'addFavorite')} onClick={mark}>
        <Icon name="heart" isFilled={areMarked} />
      </IconButton>
      <IconButton label={t('tags')} onClick={() => setDialog('tags')}>
        <Icon name="tag" />
      </IconButton>
      <IconButton label={t('note')} onClick={() => setDialog('note')}>
        <Icon name="note" />
      </IconButton>
      <Suspense>
        {dialog === 'tags' && <TagsDialog images={images} onClose={close} />}
        {dialog === 'note' && <NoteDialog images={images} onClose={close} />}
      </Suspense>
    </>
  );
}

function CompareButton({ images }: ActionProps): ReactNode {
  const t = useTranslations('library');
  const router = useRouter();
  const canCompare = images.length >= 2 && images.length <= MAX_COMPARED;
  const compare = (): void =>
    router.history.push(`/compare${stringifySearchParams({ image: images.map(({ id }) => id) })}`);
  return (
    <IconButton
      label={canCompare ? t('compare') : `${t('compare')}. ${t('compareHint')}`}
      disabled={!canCompare}
      onClick={compare}
    >
      <Icon name="compare" />
    </IconButton>
  );
}

function DownloadButton({ images }: ActionProps): ReactNode {
  const t = useTranslations('library');
  const download = useDownload();
  const stored = images.filter(({ state }) => state === 'stored');
  return (
    <IconButton
      label={t('download')}
      disabled={stored.length === 0}
      onClick={() => download(stored.map(({ id }) => id))}
    >
      <Icon name="download" />
    </IconButton>
  );
}

function RestoreButton({ images }: ActionProps): ReactNode {
  const t = useTranslations('library');
  const restore = useRestore();
  const onClick = (): void => {
    const { generations, images: alone } = targetOf(images);
    // What is in the bin may be there itself, or with its generation: both are taken out.
    const all = [...new Set([...generations, ...images.map(({ generation_id }) => generation_id)])];
    restore.mutate(
      { generations: all, images: [...alone, ...images.map(({ id }) => id)], count: images.length },
      { onSuccess: () => selection.clear() },
    );
  };
  return (
    <IconButton label={t('restore')} disabled={restore.isPending} onClick={onClick}>
      <Icon name="undo" />
    </IconButton>
  );
}
