import { Link } from '@tanstack/react-router';
import type { GenerationRecord, ImageRecord, SearchMatch } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import type { LibrarySearch } from '../filter/library-search.ts';
import { Icon } from '../ui/icon.tsx';
import { excerptOf, Highlighted, rangesOf } from './highlighted.tsx';
import styles from './result-list.module.css';

/** Characters of a text of a row. */
const PROMPT_LENGTH = 320;
const NOTE_LENGTH = 160;

/** One generation that was found: a link to its first image, or to the record if it has none. */
export function Result({
  record,
  search,
}: {
  readonly record: GenerationRecord;
  readonly search: LibrarySearch;
}): ReactNode {
  const isBin = search.deleted === true;
  const image = record.images.find(({ url, deleted_at }) => url !== null && (isBin || deleted_at === null));
  const content = (
    <>
      <Thumbnail image={image} isBinned={record.deleted_at !== null} />
      <div className={styles['texts']}>
        <p className={styles['prompt']}>
          <Highlighted {...excerptOf(record.prompt, rangesOf(record.matches, 'prompt'), PROMPT_LENGTH)} />
        </p>
        <OtherMatches record={record} />
        <Facts record={record} />
      </div>
    </>
  );
  return image === undefined ? (
    <Link to="/generations/$id" params={{ id: record.id }} className={styles['link']}>
      {content}
    </Link>
  ) : (
    <Link to="/view/$imageId" params={{ imageId: image.id }} search={search} className={styles['link']}>
      {content}
    </Link>
  );
}

function Thumbnail({
  image,
  isBinned,
}: {
  readonly image: ImageRecord | undefined;
  readonly isBinned: boolean;
}): ReactNode {
  return (
    <div className={styles['thumbnail']}>
      {image?.url && image.state === 'stored' ? (
        <img
          src={thumbnailUrl(image.url, 320, isBinned || image.deleted_at !== null)}
          alt=""
          loading="lazy"
          decoding="async"
        />
      ) : (
        <Icon name="library" />
      )}
    </div>
  );
}

/** Where else the words stand: in what the upstream made of the prompt, in the note, in tags. */
function OtherMatches({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('find');
  const texts = (record.matches ?? []).flatMap((match) => {
    const text = textOf(record, match);
    const { field, index, ranges } = match;
    return field === 'prompt' || text === null ? [] : [{ field, index, text, ranges }];
  });
  // Images of one generation mostly have the same revised prompt.
  const shown = texts.filter(({ text }, at) => texts.findIndex((other) => other.text === text) === at);
  return shown.map(({ field, index, text, ranges }) => (
    <p key={`${field} ${index}`} className={styles['match']}>
      <span className={styles['field']}>{t(`matchIn.${field}`)}</span>{' '}
      <Highlighted {...excerptOf(text, ranges, NOTE_LENGTH)} />
    </p>
  ));
}

function textOf(record: GenerationRecord, { field, index }: SearchMatch): string | null {
  if (field === 'prompt') return record.prompt;
  if (field === 'note') return record.note;
  if (field === 'tag') return record.tags[index ?? -1] ?? null;
  return record.images.find((image) => image.index === index)?.revised_prompt ?? null;
}

function Facts({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('find');
  const format = useFormatter();
  const { size } = record.request;
  return (
    <p className={styles['facts']}>
      <time dateTime={record.created_at}>
        {format.dateTime(new Date(record.created_at), { dateStyle: 'medium', timeStyle: 'short' })}
      </time>
      <span>{record.model}</span>
      {typeof size === 'string' && <span>{size}</span>}
      <span>{t('imagesOf', { count: record.images.filter(({ deleted_at }) => deleted_at === null).length })}</span>
      {record.state !== 'succeeded' && <span>{t(`states.${record.state}`)}</span>}
    </p>
  );
}
