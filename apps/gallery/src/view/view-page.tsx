import { isWanImageError, type GenerationRecord, type ImageRecord } from '@wan-image/core';
import { useParams, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { showInLibrary } from '../library/stores.ts';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import { generationIdOf } from './image-name.ts';
import { MissingImage } from './missing-image.tsx';
import { useRecord } from './use-record.ts';
import { Viewer } from './viewer.tsx';

/** `/view/$imageId`: one image from near, among those of the library with the same filter. */
export function ViewPage(): ReactNode {
  const { imageId } = useParams({ from: '/view/$imageId' });
  const { data: record, error, refetch } = useRecord(generationIdOf(imageId));
  const image = record?.images.find(({ id }) => id === imageId);
  const [last, setLast] = useState<ShownProps | null>(null);
  if (record !== undefined && image !== undefined) {
    if (last?.record !== record || last.image !== image) setLast({ record, image });
    return <Shown record={record} image={image} />;
  }
  // Until the next image is known, the present one stays, and so does all that stands around it.
  if (record === undefined && error === null && last !== null) return <Shown {...last} />;
  if (record !== undefined || isGone(error)) return <MissingImage />;
  return error === null ? <Loading /> : <ProblemMessage error={error} onRetry={() => void refetch()} />;
}

interface ShownProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
}

function Shown({ record, image }: ShownProps): ReactNode {
  const search = useSearch({ from: '/view/$imageId' });
  const router = useRouter();
  const { id } = image;
  const { created_at } = record;
  useEffect(() => showInLibrary(search, { id, created_at }), [created_at, id, search]);
  const close = (): void => {
    // Back to where the library was, if that is where one came from: it is not visited a second time then.
    if (cameFrom('/')) router.history.back();
    else void router.navigate({ to: '/', search });
  };
  return <Viewer record={record} image={image} filter={search} onClose={close} />;
}

/** Whether this is the previous page of the tab. False if the browser does not tell. */
function cameFrom(path: string): boolean {
  const { navigation } = globalThis as { readonly navigation?: Navigation };
  const url = navigation?.entries()[(navigation.currentEntry?.index ?? 0) - 1]?.url;
  return typeof url === 'string' && new URL(url).pathname === path;
}

function isGone(error: unknown): boolean {
  // 400: it cannot be an id.
  return isWanImageError(error) && [400, 404, 410].includes(error.status ?? 0);
}
