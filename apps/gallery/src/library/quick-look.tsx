import { Dialog as Base } from '@base-ui/react/dialog';
import type { GenerationFilter, ImageListItem } from '@wan-image/core';
import { useRouter } from '@tanstack/react-router';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { stringifySearchParams } from '../page/search-params.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { GridStore } from './grid-store.ts';
import { neighbor } from './navigate.ts';
import styles from './quick-look.module.css';

export interface QuickLookProps {
  readonly store: GridStore;
  readonly filter: GenerationFilter;
  readonly imageId: string;
  readonly onChange: (imageId: string) => void;
  readonly onClose: () => void;
}

/** The image large, over the grid, for as long as one looks: the same key closes it, arrows go on. */
export function QuickLook({ store, filter, imageId, onChange, onClose }: QuickLookProps): ReactNode {
  const t = useTranslations('library');
  const close = useTranslations('app')('close');
  const router = useRouter();
  const popup = useRef<HTMLDivElement>(null);
  const spot = store.spotOf(imageId);
  const image = spot?.placed.cell.images.find(({ id }) => id === imageId) ?? null;
  const open = (): void =>
    router.history.push(`/view/${encodeURIComponent(imageId)}${stringifySearchParams({ ...filter })}`);
  const go = (direction: 'left' | 'right' | 'up' | 'down'): void => {
    const next = spot && neighbor(store, spot, direction);
    if (!next) return;
    store.setActive(next.placed.cell.image.id);
    store.reveal(next);
    onChange(next.placed.cell.image.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = DIRECTIONS[event.key];
    if (direction !== undefined) go(direction);
    // The key that opened it may still be held.
    else if (event.repeat && event.key === ' ') event.preventDefault();
    else if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) onClose();
    else if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) open();
    else return;
    event.preventDefault();
  };
  return (
    <Base.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup
          ref={popup}
          className={styles['popup']}
          // No button: the key that opened it closes it.
          initialFocus={popup}
          finalFocus={() => linkTo(store.active())}
          onKeyDown={onKeyDown}
        >
          <Base.Title className="visually-hidden">{t('quickLook')}</Base.Title>
          {image && <LargeImage image={image} />}
          <div className={styles['buttons']}>
            <IconButton label={t('openImage')} onClick={open}>
              <Icon name="expand" />
            </IconButton>
            <IconButton label={close} onClick={onClose}>
              <Icon name="close" />
            </IconButton>
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

const DIRECTIONS: Readonly<Record<string, 'left' | 'right' | 'up' | 'down'>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

function LargeImage({ image }: { readonly image: ImageListItem }): ReactNode {
  const t = useTranslations('library');
  if (image.state !== 'stored') return <p>{t(image.state === 'pending' ? 'pending' : 'lost')}</p>;
  return (
    <figure className={styles['figure']}>
      <img
        key={image.id}
        className={styles['image']}
        src={thumbnailUrl(image.url, 1280, image.deleted_at !== null)}
        alt={image.prompt}
        width={image.width ?? undefined}
        height={image.height ?? undefined}
      />
      <figcaption className={styles['caption']}>{image.prompt}</figcaption>
    </figure>
  );
}

/** Where the focus goes afterwards: to the image that was looked at last. */
function linkTo(imageId: string | null): HTMLElement | null {
  return imageId === null ? null : document.querySelector(`[data-cell="${CSS.escape(imageId)}"] a`);
}
