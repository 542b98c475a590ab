import {
  generationList,
  generationRecord,
  imageList,
  singleImageRecord,
  tagList,
} from '../contract/generation-record.ts';
import { MAX_WAIT_SECONDS } from '../contract/limits.ts';
import { serviceInfo } from '../contract/service-info.ts';
import { timeline } from '../contract/statistics.ts';
import { checkHistoryOptions, invalidOption } from './check-options.ts';
import { timeoutOf, type PortableHistoryClientOptions } from './client-options.ts';
import { checkRead, HistoryCalls } from './history-calls.ts';
import type { HistoryClient } from './history-client.ts';

/** What reads generations. */
export interface GenerationReader {
  /** All generations that a filter selects, as those of a history client. */
  list: HistoryClient['list'];
  /** One page of them, as that of a history client. */
  page: HistoryClient['page'];
  /** One generation, as that of a history client. */
  get: HistoryClient['get'];
}

/** What a page needs that shows what was generated. */
export interface LibraryReader extends GenerationReader {
  /** All generated images that a filter selects, as those of a history client. */
  images: HistoryClient['images'];
  /** One page of them, as that of a history client. */
  imagePage: HistoryClient['imagePage'];
  /** The tags of the project, as those of a history client. */
  tags: HistoryClient['tags'];
  /** The record of one image, as that of a history client. */
  getImage: HistoryClient['getImage'];
  /** How many images each day has, as that of a history client. */
  timeline: HistoryClient['timeline'];
  /** What the service is, as that of a history client. */
  service: HistoryClient['service'];
}

/** A part of `createHistoryClient`, for bundles in which each kilobyte counts: what a page reads before it shows its first image. */
export function createLibraryReader(options: PortableHistoryClientOptions): LibraryReader {
  checkHistoryOptions(options);
  const calls = new HistoryCalls(options);
  return {
    ...readerOf(calls),
    ...listsOf(calls),
    getImage: imageOf(calls),
    timeline: timelineOf(calls),
    service: serviceOf(calls),
  };
}

/** What lists and reads generations. */
export function readerOf(calls: HistoryCalls): GenerationReader {
  const generations = { operation: 'list', path: '/v1/generations', schema: generationList } as const;
  return {
    list: (listOptions) => calls.all(generations, listOptions),
    page: (listOptions) => calls.page(generations, listOptions),
    async get(id, getOptions = {}) {
      const { wait = 0 } = getOptions;
      checkRead(getOptions, ['wait']);
      checkWait(wait);
      const timeoutMs = timeoutOf(calls.options, getOptions) + wait * 1000;
      const query = { ...getOptions, timeoutMs, wait: wait || undefined };
      return calls.read({ operation: 'get', path: pathOf(id), schema: generationRecord }, query, ['wait']);
    },
  };
}

/** What lists images and tags. */
export function listsOf(calls: HistoryCalls): Pick<HistoryClient, 'images' | 'imagePage' | 'tags'> {
  const images = { operation: 'images', path: '/v1/images', schema: imageList } as const;
  return {
    images: (listOptions) => calls.all(images, listOptions),
    imagePage: (listOptions) => calls.page(images, listOptions),
    tags: (readOptions) => calls.read({ operation: 'tags', path: '/v1/tags', schema: tagList }, readOptions),
  };
}

/** What reads one image. */
export function imageOf(calls: HistoryCalls): HistoryClient['getImage'] {
  return (id, readOptions) =>
    calls.read({ operation: 'get', path: imagePathOf(id), schema: singleImageRecord }, readOptions);
}

/** What reads the timeline. */
export function timelineOf(calls: HistoryCalls): HistoryClient['timeline'] {
  const days = { operation: 'stats', path: '/v1/images/timeline', schema: timeline } as const;
  return (timelineOptions) => calls.read(days, timelineOptions, ['tz']);
}

/** What reads what the service is. */
export function serviceOf(calls: HistoryCalls): HistoryClient['service'] {
  return (callOptions) => calls.get({ operation: 'service', path: '/v1/service', schema: serviceInfo }, callOptions);
}

/** The path of a generation. */
export function pathOf(id: string): string {
  return `/v1/generations/${encodeURIComponent(id)}`;
}

/** The path of an image. */
export function imagePathOf(id: string): string {
  return `/v1/images/${encodeURIComponent(id)}`;
}

function checkWait(wait: number): void {
  if (!Number.isInteger(wait) || wait < 0 || wait > MAX_WAIT_SECONDS)
    throw invalidOption('wait', `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, got ${wait}.`);
}
