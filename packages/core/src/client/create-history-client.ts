import { backgroundJob, backgroundJobList } from '../contract/background-job.ts';
import { generationRecord, singleImageRecord } from '../contract/generation-record.ts';
import { bulkResult } from '../contract/library-requests.ts';
import { retention, retentionPreview } from '../contract/retention.ts';
import {
  webhookDelivery,
  webhookDeliveryList,
  webhookList,
  webhookRecord,
  webhookWithSecret,
} from '../contract/webhook-records.ts';
import { lineage } from '../contract/lineage.ts';
import { statistics } from '../contract/statistics.ts';
import { buildRerun, buildSubmission } from '../protocol/build-request.ts';
import { checkCallOptions, checkHistoryOptions, checkProject } from './check-options.ts';
import type { PortableHistoryClientOptions } from './client-options.ts';
import { download, downloadFromUrl, type DownloadOptions } from './download.ts';
import { exportArchive } from './export.ts';
import { generationEvents } from './generation-events.ts';
import { HistoryCalls, queryOf } from './history-calls.ts';
import type { HistoryClient, RetentionCalls, SessionCalls, Webhooks } from './history-client.ts';
import {
  imageOf,
  imagePathOf,
  listsOf,
  pathOf,
  readerOf,
  serviceOf,
  timelineOf,
  type GenerationReader,
} from './library-reads.ts';
import { prepareBody, prepareOverrides, prepareRequest } from './prepare-request.ts';

/** Creates a client with the network, timers and randomness of `options`. Throws a {@link WanImageError} for invalid options. */
export function createHistoryClient(options: PortableHistoryClientOptions): HistoryClient {
  checkHistoryOptions(options);
  const calls = new HistoryCalls(options);
  return {
    ...readerOf(calls),
    ...listsOf(calls),
    ...recordsOf(calls),
    ...changesOf(calls),
    ...bulkOf(calls),
    ...jobsOf(calls),
    ...figuresOf(calls),
    ...generationsOf(calls),
    retention: retentionOf(calls),
    session: sessionOf(calls),
    webhooks: webhooksOf(calls),
  };
}

/** What a program needs that generates, and works with what was generated. */
export interface GenerationLibrary extends GenerationReader {
  /** The record of one image, as that of a history client. */
  getImage: HistoryClient['getImage'];
  /** What the service is, as that of a history client. */
  service: HistoryClient['service'];
  /** Enqueues a generation, as that of a history client. */
  submit: HistoryClient['submit'];
  /** Enqueues the request of an earlier generation, as that of a history client. */
  rerun: HistoryClient['rerun'];
  /** Cancels a generation, as that of a history client. */
  cancel: HistoryClient['cancel'];
  /** Changes tags and note, as that of a history client. */
  update: HistoryClient['update'];
  /** Marks an image as a favorite, as that of a history client. */
  updateImage: HistoryClient['updateImage'];
  /** Deletes a generation, as that of a history client. */
  delete: HistoryClient['delete'];
  /** Takes a generation out of the bin, as that of a history client. */
  restore: HistoryClient['restore'];
  /** Downloads an image by its id from the service itself, with the API key, and yields its bytes as they arrive. */
  downloadImage(imageId: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
}

/** Another part of {@link createHistoryClient}, for the same reason, and the download of images by id: no host but that of `baseUrl` is used. */
export function createGenerationLibrary(options: PortableHistoryClientOptions): GenerationLibrary {
  checkHistoryOptions(options);
  const calls = new HistoryCalls(options);
  return {
    ...readerOf(calls),
    ...changesOf(calls),
    ...generationsOf(calls),
    service: serviceOf(calls),
    getImage: imageOf(calls),
    downloadImage: (id, downloadOptions = {}) => {
      checkCallOptions(downloadOptions);
      return download(`/images/${encodeURIComponent(id)}`, options, downloadOptions);
    },
  };
}

function recordsOf(calls: HistoryCalls): Pick<HistoryClient, 'getImage' | 'lineage' | 'events' | 'download'> {
  const { options } = calls;
  return {
    getImage: imageOf(calls),
    lineage: (id, readOptions) =>
      calls.read({ operation: 'lineage', path: `${pathOf(id)}/lineage`, schema: lineage }, readOptions),
    async *events(id, { projectId = options.projectId, ...eventsOptions } = {}) {
      checkProject({ projectId });
      yield* generationEvents(options, `${pathOf(id)}/events${queryOf({ project_id: projectId })}`, eventsOptions);
    },
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
  };
}

type Changes = 'update' | 'updateImage' | 'delete' | 'deleteImage' | 'restore' | 'restoreImage';

function changesOf(calls: HistoryCalls): Pick<HistoryClient, Changes> {
  return {
    update: (id, changes, callOptions) => calls.patch(pathOf(id), generationRecord, changes, callOptions),
    updateImage: (id, changes, callOptions) => calls.patch(imagePathOf(id), singleImageRecord, changes, callOptions),
    delete: (id, deleteOptions) => calls.delete(pathOf(id), deleteOptions),
    deleteImage: (id, deleteOptions) => calls.delete(imagePathOf(id), deleteOptions),
    restore: (id, callOptions) => calls.post('restore', `${pathOf(id)}/restore`, generationRecord, {}, callOptions),
    restoreImage: (id, callOptions) =>
      calls.post('restore', `${imagePathOf(id)}/restore`, singleImageRecord, {}, callOptions),
  };
}

function bulkOf(calls: HistoryCalls): Pick<HistoryClient, 'bulk' | 'export'> {
  return {
    export: (request, exportOptions) => exportArchive(calls.options, request, exportOptions),
    bulk: (change, submitOptions) =>
      change.filter === undefined || change.dry_run === true
        ? calls.bulk(bulkResult, change, submitOptions)
        : calls.bulk(backgroundJob, change, submitOptions),
  };
}

function figuresOf(calls: HistoryCalls): Pick<HistoryClient, 'stats' | 'timeline'> {
  const stats = { operation: 'stats', path: '/v1/stats', schema: statistics } as const;
  const names = ['from', 'to', 'group_by', 'tz', 'model', 'source', 'api_key', 'simulated'];
  return {
    stats: (statisticsOptions) => calls.read(stats, statisticsOptions, names),
    timeline: timelineOf(calls),
  };
}

function jobsOf(calls: HistoryCalls): Pick<HistoryClient, 'job' | 'jobs' | 'cancelJob' | 'service'> {
  const pathOfJob = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`;
  return {
    service: serviceOf(calls),
    job: (id, readOptions) =>
      calls.read({ operation: 'jobs', path: pathOfJob(id), schema: backgroundJob }, readOptions),
    jobs: (readOptions) => calls.read({ operation: 'jobs', path: '/v1/jobs', schema: backgroundJobList }, readOptions),
    cancelJob: (id, callOptions) => calls.post('cancel', `${pathOfJob(id)}/cancel`, backgroundJob, {}, callOptions),
  };
}

function webhooksOf(calls: HistoryCalls): Webhooks {
  const root = '/v1/webhooks';
  const operation = 'webhooks';
  const pathOfWebhook = (id: string, rest = ''): string => `${root}/${encodeURIComponent(id)}${rest}`;
  const paging = ['limit', 'cursor'];
  return {
    list: (listOptions) => calls.read({ operation, path: root, schema: webhookList }, listOptions, paging),
    create: (request, callOptions) => calls.once(root, webhookWithSecret, request, callOptions),
    get: (id, readOptions) => calls.read({ operation, path: pathOfWebhook(id), schema: webhookRecord }, readOptions),
    update: (id, changes, callOptions) => calls.patch(pathOfWebhook(id), webhookRecord, changes, callOptions),
    delete: (id, callOptions) => calls.remove(pathOfWebhook(id), callOptions),
    rotateSecret: (id, callOptions) => calls.once(pathOfWebhook(id, '/rotate'), webhookWithSecret, {}, callOptions),
    test: (id, callOptions) => calls.once(pathOfWebhook(id, '/test'), webhookDelivery, {}, callOptions),
    deliveries: (id, listOptions) =>
      calls.read({ operation, path: pathOfWebhook(id, '/deliveries'), schema: webhookDeliveryList }, listOptions, [
        ...paging,
        'state',
      ]),
    redeliver: (id, callOptions) =>
      calls.once(`/v1/deliveries/${encodeURIComponent(id)}/redeliver`, webhookDelivery, {}, callOptions),
  };
}

function retentionOf(calls: HistoryCalls): RetentionCalls {
  const operation = 'retention';
  const path = '/v1/retention';
  return {
    get: (callOptions) => calls.get({ operation, path, schema: retention }, callOptions),
    set: (policy, callOptions) => calls.post(operation, path, retention, policy, callOptions, 'PUT'),
    preview: (policy = {}, callOptions) =>
      calls.post(operation, `${path}/preview`, retentionPreview, policy, callOptions),
  };
}

function sessionOf(calls: HistoryCalls): SessionCalls {
  const path = '/v1/session';
  return {
    create: (apiKey, callOptions) => calls.signIn(path, apiKey, callOptions),
    delete: (callOptions) => calls.remove(path, callOptions),
  };
}

function generationsOf(calls: HistoryCalls): Pick<HistoryClient, 'submit' | 'rerun' | 'cancel' | 'resolve'> {
  const { options } = calls;
  return {
    submit: (input, submitOptions) =>
      calls.enqueue(
        buildSubmission,
        () => prepareBody(options, () => prepareRequest(input, options), false),
        submitOptions,
      ),
    rerun: (id, overrides = {}, submitOptions) =>
      calls.enqueue(
        (key) => buildRerun(`${pathOf(id)}/rerun`, key),
        () => prepareBody(options, () => prepareOverrides(overrides, options), false),
        submitOptions,
      ),
    cancel: (id, callOptions) => calls.post('cancel', `${pathOf(id)}/cancel`, generationRecord, {}, callOptions),
    resolve: (id, resolution, callOptions) =>
      calls.post('resolve', `${pathOf(id)}/resolve`, generationRecord, resolution, callOptions),
  };
}
