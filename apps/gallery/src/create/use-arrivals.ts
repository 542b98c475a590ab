import type { GenerationRecord } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { handedFiles } from '../api/handed-files.ts';
import { generationKey } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { showToast, useShowProblem } from '../ui/toasts.tsx';
import type { CreateSearch } from './create-search.ts';
import { isUntouched } from './draft.ts';
import { draftStore } from './draft-store.ts';
import { draftOfRecord } from './earlier.ts';
import { EXAMPLES } from './examples.ts';
import { followed } from './followed.ts';
import { addOwnImage, restoreFiles } from './inputs.ts';
import { useAddFiles } from './use-add-files.ts';

/** Takes what the URL and other views bring into the form. What is done is removed from the URL, so that a reload does not do it again. */
export function useArrivals(search: CreateSearch): {
  readonly record: GenerationRecord | null;
  readonly close: () => void;
} {
  const navigate = useNavigate({ from: '/create' });
  const close = (): void => void navigate({ search: {}, replace: true });
  useFiles();
  useExample(search, close);
  useFollowed(search, close);
  useImages(search, close);
  return { record: useEarlier(search, close), close };
}

/** Files of the draft, after a reload, and those that another view hands over. */
function useFiles(): void {
  const addFiles = useAddFiles();
  const showProblem = useShowProblem();
  const onMount = useEffectEvent(() => {
    restoreFiles().catch(showProblem);
    const files = handedFiles.receive();
    if (files.length > 0) addFiles(files);
  });
  useEffect(() => onMount(), []);
}

function useExample({ example }: CreateSearch, close: () => void): void {
  const t = useTranslations('create.example');
  const fill = useEffectEvent(() => {
    if (isUntouched(draftStore.get())) draftStore.updateSettings({ prompt: t(EXAMPLES[0]) });
    close();
  });
  useEffect(() => {
    if (example !== undefined) fill();
  }, [example]);
}

function useFollowed({ follow }: CreateSearch, close: () => void): void {
  const add = useEffectEvent((id: string) => {
    followed.add(id);
    close();
  });
  useEffect(() => {
    if (follow !== undefined) add(follow);
  }, [follow]);
}

/** Images of this history that become inputs. */
function useImages({ image: ids = [] }: CreateSearch, close: () => void): void {
  const t = useTranslations('create');
  const showProblem = useShowProblem();
  const list = ids.join(' ');
  const handled = useRef('');
  const add = useEffectEvent(async () => {
    try {
      const images = await Promise.all(ids.map((id) => reader.getImage(id)));
      const added = images.filter(({ url, ...image }) => url !== null && addOwnImage({ url, ...image }));
      // An added one is seen.
      if (added.length === 0) showToast({ title: t('imageAlready') });
    } catch (error) {
      showProblem(error);
    }
    close();
  });
  useEffect(() => {
    // In development, effects run twice.
    if (list === handled.current) return;
    handled.current = list;
    if (list !== '') void add();
  }, [list]);
}

/** The generation whose settings are proposed. Null if none is, or if they are in the form already. */
function useEarlier({ from, vary }: CreateSearch, close: () => void): GenerationRecord | null {
  const t = useTranslations('create');
  const showProblem = useShowProblem();
  const { data, error } = useQuery({
    queryKey: generationKey(from ?? ''),
    queryFn: ({ signal }) => reader.get(from ?? '', { signal }),
    enabled: from !== undefined,
  });
  const record = from === undefined ? undefined : data;
  const isDirect = record !== undefined && vary !== undefined && isUntouched(draftStore.get());
  const apply = useEffectEvent(() => {
    if (record === undefined) return;
    draftStore.set(draftOfRecord(record, draftStore.get(), true));
    showToast({ title: t('usedVary') });
    close();
  });
  const fail = useEffectEvent(() => {
    showProblem(error);
    close();
  });
  useEffect(() => {
    if (isDirect) apply();
  }, [isDirect]);
  useEffect(() => {
    if (error && from !== undefined) fail();
  }, [error, from]);
  return record === undefined || isDirect ? null : record;
}
