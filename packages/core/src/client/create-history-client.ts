import { backgroundJob, backgroundJobList } from '../contract/background-job.ts';
import {
  generationList,
  generationRecord,
  imageList,
  singleImageRecord,
  tagList,
} from '../contract/generation-record.ts';
import { bulkResult } from '../contract/library-requests.ts';
import { MAX_WAIT_SECONDS } from '../contract/limits.ts';
import { serviceInfo } from '../contract/service-info.ts';
import { lineage } from '../contract/lineage.ts';
import { buildRerun, buildSubmission } from '../protocol/build-request.ts';
import { checkOptions, checkProject, invalidOption } from './check-options.ts';
import { timeoutOf, type PortableHistoryClientOptions } from './client-options.ts';
import { downloadFromUrl } from './download.ts';
import { generationEvents } from './generation-events.ts';
import { checkRead, HistoryCalls, queryOf } from './history-calls.ts';
import type { HistoryClient } from './history-client.ts';
import { prepareOverrides, prepareRequest } from './prepare-request.ts';

/** Creates a client with the network, timers and randomness of `options`. Throws a {@link WanImageError} for invalid options. */
export function createHistoryClient(options: PortableHistoryClientOptions): HistoryClient {
  checkOptions(options, ['projectId']);
  checkProject(options);
  const calls = new HistoryCalls(options);
  return {
    ...readerOf(calls),
    ...listsOf(calls),
    ...recordsOf(calls),
    ...changesOf(calls),
    ...jobsOf(calls),
    ...generationsOf(calls),
  };
}

/** What reads generations. */
export interface GenerationReader {
  /** All generations that a filter selects, as those of a history client. */
  list: HistoryClient['list'];
  /** One page of them, as that of a history client. */
  page: HistoryClient['page'];
  /** One generation, as that of a history client. */
  get: HistoryClient['get'];
}

/** A part of {@link createHistoryClient}, for bundles in which each kilobyte counts: it only reads generations. */
export function createGenerationReader(options: PortableHistoryClientOptions): GenerationReader {
  checkOptions(options, ['projectId']);
  checkProject(options);
  return readerOf(new HistoryCalls(options));
}

function readerOf(calls: HistoryCalls): GenerationReader {
  const { options } = calls;
  const generations = { operation: 'list', path: '/v1/generations', schema: generationList } as const;
  return {
    list: (listOptions) => calls.all(generations, listOptions),
    page: (listOptions) => calls.page(generations, listOptions),
    async get(id, getOptions = {}) {
      const { wait = 0 } = getOptions;
      const names = ['wait'];
      checkRead(getOptions, names);
      checkWait(wait);
      const timeoutMs = timeoutOf(options, getOptions) + wait * 1000;
      const query = { ...getOptions, timeoutMs, wait: wait || undefined };
      return calls.read({ operation: 'get', path: pathOf(id), schema: generationRecord }, query, names);
    },
  };
}

function listsOf(calls: HistoryCalls): Pick<HistoryClient, 'images' | 'imagePage' | 'tags'> {
  const images = { operation: 'images', path: '/v1/images', schema: imageList } as const;
  return {
    images: (listOptions) => calls.all(images, listOptions),
    imagePage: (listOptions) => calls.page(images, listOptions),
    tags: (readOptions) => calls.read({ operation: 'tags', path: '/v1/tags', schema: tagList }, readOptions),
  };
}

function recordsOf(calls: HistoryCalls): Pick<HistoryClient, 'getImage' | 'lineage' | 'events' | 'download'> {
  const { options } = calls;
  return {
    getImage: (id, readOptions) =>
      calls.read({ operation: 'get', path: imagePathOf(id), schema: singleImageRecord }, readOptions),
    lineage: (id, readOptions) =>
      calls.read({ operation: 'lineage', path: `${pathOf(id)}/lineage`, schema: lineage }, readOptions),
    async *events(id, { projectId = options.projectId, ...eventsOptions } = {}) {
      checkProject({ projectId });
      yield* generationEvents(options, `${pathOf(id)}/events${queryOf({ project_id: projectId })}`, eventsOptions);
    },
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
  };
}

type Changes = 'update' | 'updateImage' | 'delete' | 'deleteImage' | 'restore' | 'restoreImage' | 'bulk';

function changesOf(calls: HistoryCalls): Pick<HistoryClient, Changes> {
  return {
    update: (id, changes, callOptions) => calls.patch(pathOf(id), generationRecord, changes, callOptions),
    updateImage: (id, changes, callOptions) => calls.patch(imagePathOf(id), singleImageRecord, changes, callOptions),
    delete: (id, deleteOptions) => calls.delete(pathOf(id), deleteOptions),
    deleteImage: (id, deleteOptions) => calls.delete(imagePathOf(id), deleteOptions),
    restore: (id, callOptions) => calls.post('restore', `${pathOf(id)}/restore`, generationRecord, {}, callOptions),
    restoreImage: (id, callOptions) =>
      calls.post('restore', `${imagePathOf(id)}/restore`, singleImageRecord, {}, callOptions),
    bulk: (change, submitOptions) =>
      change.filter === undefined || change.dry_run === true
        ? calls.bulk(bulkResult, change, submitOptions)
        : calls.bulk(backgroundJob, change, submitOptions),
  };
}

function jobsOf(calls: HistoryCalls): Pick<HistoryClient, 'job' | 'jobs' | 'cancelJob' | 'service'> {
  const pathOfJob = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`;
  return {
    service: (callOptions) =>
      calls.get({ operation: 'service', path: '/v1/service', schema: serviceInfo }, callOptions),
    job: (id, readOptions) =>
      calls.read({ operation: 'jobs', path: pathOfJob(id), schema: backgroundJob }, readOptions),
    jobs: (readOptions) => calls.read({ operation: 'jobs', path: '/v1/jobs', schema: backgroundJobList }, readOptions),
    cancelJob: (id, callOptions) => calls.post('cancel', `${pathOfJob(id)}/cancel`, backgroundJob, {}, callOptions),
  };
}

function generationsOf(calls: HistoryCalls): Pick<HistoryClient, 'submit' | 'rerun' | 'cancel' | 'resolve'> {
  const { options } = calls;
  return {
    submit: (input, submitOptions) =>
      calls.enqueue(buildSubmission, () => prepareRequest(input, options), submitOptions),
    rerun: (id, overrides = {}, submitOptions) =>
      calls.enqueue(
        (key) => buildRerun(`${pathOf(id)}/rerun`, key),
        () => prepareOverrides(overrides, options),
        submitOptions,
      ),
    cancel: (id, callOptions) => calls.post('cancel', `${pathOf(id)}/cancel`, generationRecord, {}, callOptions),
    resolve: (id, resolution, callOptions) =>
      calls.post('resolve', `${pathOf(id)}/resolve`, generationRecord, resolution, callOptions),
  };
}

function checkWait(wait: number): void {
  if (!(Number.isInteger(wait) && wait >= 0 && wait <= MAX_WAIT_SECONDS))
    throw invalidOption('wait', `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, got ${wait}.`);
}

function pathOf(id: string): string {
  return `/v1/generations/${encodeURIComponent(id)}`;
}

function imagePathOf(id: string): string {
  return `/v1/images/${encodeURIComponent(id)}`;
}
