import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useFavorite } from '../changes/changes.ts';
import { useProblemText } from '../api/problem.ts';
import { useMay } from '../api/service.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { CameraStore } from './camera-store.ts';
import styles from './compare-page.module.css';
import type { ComparedParameter } from './comparison.ts';
import { ComparedParameters } from './compared-parameters.tsx';
import { isBinned } from './bin-notice.tsx';
import { ZoomPane } from './zoom-pane.tsx';

export interface ComparedImageProps {
  readonly id: string;
  /** From 1. */
  readonly number: number;
  /** Null if it does not exist. */
  readonly shown: { readonly record: GenerationRecord; readonly image: ImageRecord } | null;
  readonly error: unknown;
  readonly store: CameraStore;
  /** Its position in the values of the parameters. */
  readonly column: number;
  readonly parameters: readonly ComparedParameter[];
  readonly onRemove: () => void;
}

/** One image of a comparison, with its parameters. */
export function ComparedImage({
  id,
  number,
  shown,
  error,
  store,
  column,
  parameters,
  onRemove,
}: ComparedImageProps): ReactNode {
  const t = useTranslations('view');
  // The pane, the buttons, and a row for each parameter: in all columns at the same height.
  const rows = { gridRow: `span ${2 + parameters.length}` };
  return (
    <li className={styles['column']} style={rows} aria-label={t('compareImage', { number })}>
      {shown === null ? <Absent error={error} /> : <Pane {...shown} store={store} />}
      <div className={styles['actions']}>
        <span className={styles['number']}>{t('compareImage', { number })}</span>
        {shown !== null && <Favorite image={shown.image} number={number} />}
        <Link
          to="/view/$imageId"
          params={{ imageId: id }}
          search={{}}
          className={styles['link']}
          aria-label={t('compareOpen', { number })}
          title={t('compareOpen', { number })}
        >
          <Icon name="expand" />
        </Link>
        <IconButton label={t('compareRemove', { number })} onClick={onRemove}>
          <Icon name="close" />
        </IconButton>
      </div>
      {shown !== null && <ComparedParameters parameters={parameters} column={column} />}
    </li>
  );
}

function Pane({
  record,
  image,
  store,
}: NonNullable<ComparedImageProps['shown']> & Pick<ComparedImageProps, 'store'>): ReactNode {
  const t = useTranslations('view');
  const { id, url, width, height, state, thumbhash } = image;
  return (
    <div className={styles['pane']}>
      {state === 'stored' && url !== null && width !== null && height !== null ? (
        <ZoomPane
          image={{ id, url, width, height, thumbhash, isBinned: isBinned(record, image) }}
          alt={record.prompt}
          store={store}
        />
      ) : (
        <p className={styles['absent']}>{t(`imageState.${state}`)}</p>
      )}
    </div>
  );
}

function Absent({ error }: { readonly error: unknown }): ReactNode {
  const t = useTranslations('view');
  const problemText = useProblemText();
  return (
    <div className={styles['pane']}>
      <p className={styles['absent']}>{error === null ? t('missing') : problemText(error).title}</p>
    </div>
  );
}

function Favorite({ image, number }: { readonly image: ImageRecord; readonly number: number }): ReactNode {
  const t = useTranslations('view');
  const favorite = useFavorite();
  if (!useMay('manage')) return null;
  return (
    <IconButton
      label={t('compareFavorite', { number })}
      aria-pressed={image.favorite}
      className={image.favorite ? styles['favorite'] : undefined}
      onClick={() => favorite.mutate({ ids: [image.id], favorite: !image.favorite })}
    >
      <Icon name="heart" isFilled={image.favorite} />
    </IconButton>
  );
}
