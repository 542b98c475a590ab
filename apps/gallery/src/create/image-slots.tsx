import { MAX_INPUT_IMAGES, type GenerationRecord, type ImageRecord } from '@wan-image/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { showToast } from '../ui/toasts.tsx';
import { addOwnImage, freeInputs } from './inputs.ts';
import { isInFlight } from '../generations/state.ts';
import styles from './results.module.css';
import { imagesOf, settingsOf } from './settings.ts';
import { dimensionsOf } from './sizes.ts';

/** The images as they arrive, in places that have the right shape from the start, so that nothing jumps. */
export function ImageSlots({ record }: { readonly record: GenerationRecord }): ReactNode {
  const settings = settingsOf(record);
  // How many a set will have, nobody knows.
  const expected = isInFlight(record) ? (settings.isSet ? record.images.length + 1 : imagesOf(settings)) : 0;
  const waiting = Math.max(0, expected - record.images.length);
  if (record.images.length + waiting === 0) return null;
  const aspectRatio = ratioOf(record);
  return (
    <ul className={styles['images']} data-single={record.images.length + waiting === 1 || undefined}>
      {record.images.map((image) => (
        <li key={image.id} className={styles['slot']} style={{ aspectRatio }}>
          <Slot image={image} prompt={record.prompt} />
        </li>
      ))}
      {Array.from({ length: waiting }, (_, index) => (
        <li key={index} className={styles['slot']} data-waiting style={{ aspectRatio }} aria-hidden="true" />
      ))}
    </ul>
  );
}

function Slot({ image, prompt }: { readonly image: ImageRecord; readonly prompt: string }): ReactNode {
  const t = useTranslations('create');
  const mayGenerate = useMay('generate');
  const [isBroken, setBroken] = useState(false);
  const { url, state } = image;
  if (state === 'lost') return <p className={styles['word']}>{t('lost')}</p>;
  if (url === null || image.deleted_at !== null) return <p className={styles['word']}>{t('deleted')}</p>;
  if (state === 'pending' || isBroken) return <p className={styles['word']}>{t('saving')}</p>;
  const edit = (): void => {
    if (freeInputs() === 0) showToast({ title: t('libraryFull', { limit: MAX_INPUT_IMAGES }), isProblem: true });
    else showToast({ title: addOwnImage({ ...image, url }) ? t('imageAdded') : t('imageAlready') });
  };
  return (
    <>
      <Link
        to="/view/$imageId"
        params={{ imageId: image.id }}
        className={styles['open']}
        aria-label={t('open', { number: image.index + 1, prompt: prompt.slice(0, 100) })}
      >
        <img
          src={thumbnailUrl(url, 640)}
          srcSet={([320, 640, 1280] as const).map((width) => `${thumbnailUrl(url, width)} ${width}w`).join(', ')}
          sizes="(min-width: 60rem) 30vw, 90vw"
          alt=""
          decoding="async"
          onError={() => setBroken(true)}
        />
      </Link>
      {mayGenerate && (
        <IconButton label={t('edit')} className={styles['edit']} onClick={edit}>
          <Icon name="edit" size={18} />
        </IconButton>
      )}
    </>
  );
}

/** That of the first image or, before it has arrived, that of the request. */
function ratioOf({ images, input_images: inputs, request }: GenerationRecord): string {
  const image = images.find(({ width, height }) => width !== null && height !== null);
  const size = typeof request['size'] === 'string' ? request['size'] : '';
  const last = inputs.at(-1);
  const lastInput = last?.width && last.height ? { width: last.width, height: last.height } : null;
  const dimensions = image ?? dimensionsOf(size, lastInput, inputs.length > 0);
  return dimensions === null ? '1 / 1' : `${dimensions.width} / ${dimensions.height}`;
}
