import { MAX_INPUT_IMAGES, type ImageListItem } from '@wan-image/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Loading, Message, ProblemMessage } from '../ui/message.tsx';
import styles from './inputs.module.css';
import { addOwnImage, freeInputs } from './inputs.ts';

const PAGE = 60;

/** Chooses input images among those of this history. */
export function LibraryDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useTranslations('create');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly ImageListItem[]>([]);
  const isFull = chosen.length >= freeInputs();
  const toggle = (image: ImageListItem): void => {
    const others = chosen.filter(({ id }) => id !== image.id);
    if (others.length < chosen.length) setChosen(others);
    else if (!isFull) setChosen([...chosen, image]);
  };
  const add = (): void => {
    chosen.forEach((image) => addOwnImage(image));
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('addLibrary')}
      lead={isFull ? t('libraryFull', { limit: MAX_INPUT_IMAGES }) : undefined}
    >
      <input
        type="search"
        className={styles['search']}
        aria-label={t('librarySearch')}
        placeholder={t('librarySearch')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles['scroll']}>
        <Choices text={useDeferredValue(text.trim())} chosen={chosen} onToggle={toggle} />
      </div>
      <div className={styles['actions']}>
        <Button look="primary" disabled={chosen.length === 0} onClick={add}>
          {t('libraryAdd', { count: chosen.length })}
        </Button>
      </div>
    </Dialog>
  );
}

interface ChoicesProps {
  readonly text: string;
  readonly chosen: readonly ImageListItem[];
  readonly onToggle: (image: ImageListItem) => void;
}

function Choices({ text, chosen, onToggle }: ChoicesProps): ReactNode {
  const t = useTranslations('create');
  const filter = text === '' ? {} : { q: text };
  const list = useInfiniteQuery({
    queryKey: libraryKeys.images(filter, 'choices'),
    queryFn: ({ pageParam, signal }) =>
      reader.imagePage({ ...filter, limit: PAGE, signal, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
  if (list.error) return <ProblemMessage error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Loading />;
  const images = list.data.pages.flatMap((page) => page.data.filter(({ state }) => state === 'stored'));
  if (images.length === 0) return <Message title={text === '' ? t('libraryEmpty') : t('libraryNone')} />;
  return (
    <>
      <ul className={styles['choices']}>
        {images.map((image) => (
          <li key={image.id}>
            <button
              type="button"
              className={styles['choiceImage']}
              aria-pressed={chosen.some(({ id }) => id === image.id)}
              aria-label={image.prompt}
              title={image.prompt}
              onClick={() => onToggle(image)}
            >
              <img src={thumbnailUrl(image.url, 320)} alt="" loading="lazy" decoding="async" />
              {chosen.some(({ id }) => id === image.id) && (
                <span className={styles['check']}>
                  <Icon name="check" size={16} />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('libraryMore')}
        </Button>
      )}
    </>
  );
}
