import { generationList, generationRecord } from '../contract/generation-record.ts';
import type { GenerationList, GenerationRecord } from '../contract/generation-types.ts';
import { MAX_WAIT_SECONDS } from '../contract/limits.ts';
import type { Resolution } from '../contract/resolution.ts';
import { buildAction, buildGet, buildSubmission } from '../protocol/build-request.ts';
import type { Outgoing } from './call.ts';
import type { CallOptions } from './call-options.ts';
import { callJson } from './call-json.ts';
import { checkCallOptions, checkOptions, checkProject, invalidOption } from './check-options.ts';
import { timeoutOf, type PortableHistoryClientOptions, type ProjectOption } from './client-options.ts';
import { downloadFromUrl, type DownloadOptions } from './download.ts';
import { generationEvents, type EventsOptions, type GenerationEvent } from './generation-events.ts';
import { prepareBody, prepareRequest, type GenerateRequest } from './prepare-request.ts';
import { jsonBody } from './request-body.ts';

/** The options of `list` and `page`. */
export interface ListOptions extends CallOptions, ProjectOption {
  /** Records per page: 1 to 100, default 20. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the previous page. */
  readonly cursor?: string | undefined;
  /** Only generations whose request had this `user`. */
  readonly user?: string | undefined;
  /** Only generations whose request had all of these pairs in its `metadata`, and maybe others. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The options of `get`. */
export interface GetOptions extends CallOptions, ProjectOption {
  /** Whole seconds to wait for the generation to end: 0 to 60, default 0. They are added to the timeout of the call. */
  readonly wait?: number | undefined;
}

/** The options of `submit`. */
export interface SubmitOptions extends CallOptions {
  /** Sent as `Idempotency-Key`: for 24 hours, the same key with the same request is the same generation. Default: a new one for each call. */
  readonly idempotencyKey?: string | undefined;
}

/** A client of the API that a history service has in addition to the vendor's. All failures are thrown as {@link WanImageError}. */
export interface HistoryClient {
  /** All records, newest first, starting at `cursor` if it is given. Pages are requested as they are reached. */
  list(options?: ListOptions): AsyncGenerator<GenerationRecord, void, void>;
  /** One page, newest first. */
  page(options?: ListOptions): Promise<GenerationList>;
  /** One record. With `wait`, resolves when the generation has ended, or after `wait` seconds with the record as it is. */
  get(id: string, options?: GetOptions): Promise<GenerationRecord>;
  /**
   * Enqueues a generation and resolves with its record at once. Like `generate`, it is retried only if it certainly did no work. With
   * `retry: { unknownOutcomes: true }` it is retried after every failure, which is safe because all retries have the same key.
   */
  submit(request: GenerateRequest, options?: SubmitOptions): Promise<GenerationRecord>;
  /** Yields each change of state and each image as it is stored, until there will be no more. Reconnects if the connection breaks. */
  events(id: string, options?: EventsOptions): AsyncGenerator<GenerationEvent, void, void>;
  /**
   * Cancels a generation. One that was not sent yet costs nothing; one that is running may still be billed. A record without
   * `finished_at` means that the cancellation was requested, but has not taken effect. Throws `refused` (409) if the generation has ended.
   */
  cancel(id: string, options?: CallOptions): Promise<GenerationRecord>;
  /** Settles an `unknown` outcome from the upstream's invoice. Throws `refused` (409) if the outcome is not unknown. */
  resolve(id: string, resolution: Resolution, options?: CallOptions): Promise<GenerationRecord>;
  /** Downloads `images[].url` of a record and yields its bytes as they arrive. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
}

/** Creates a client with the network, timers and randomness of `options`. Throws a {@link WanImageError} for invalid options. */
export function createHistoryClient(options: PortableHistoryClientOptions): HistoryClient {
  checkOptions(options, ['projectId']);
  checkProject(options);
  const page: HistoryClient['page'] = async (listOptions = {}) => {
    checkCallOptions(listOptions, ['onResponse', 'limit', 'cursor', 'user', 'metadata', 'projectId']);
    const { limit, cursor, user, metadata, projectId = options.projectId, ...callOptions } = listOptions;
    const pairs = Object.entries(metadata ?? {}).map(
      ([key, value]) => [`metadata[${encodeURIComponent(key)}]`, value] as const,
    );
    const query = queryOf({ limit, cursor, user, project_id: projectId, ...Object.fromEntries(pairs) });
    const request = buildGet('list', `/v1/generations${query}`);
    return callJson(options, { request, body: null }, generationList, callOptions);
  };
  const record = (outgoing: Outgoing, callOptions: CallOptions): Promise<GenerationRecord> =>
    callJson(options, outgoing, generationRecord, callOptions);
  const act =
    (operation: 'cancel' | 'resolve') =>
    async (id: string, body: object, callOptions: CallOptions = {}): Promise<GenerationRecord> => {
      checkCallOptions(callOptions, ['onResponse']);
      return record(
        { request: buildAction(operation, `${pathOf(id)}/${operation}`), body: jsonBody(body) },
        callOptions,
      );
    };
  const cancel = act('cancel');
  return {
    page,
    async *list(listOptions = {}) {
      let cursor: string | null | undefined = listOptions.cursor;
      do {
        const { data, next_cursor } = await page({ ...listOptions, ...(cursor && { cursor }) });
        yield* data;
        cursor = next_cursor;
      } while (cursor !== null);
    },
    async get(id, getOptions = {}) {
      checkCallOptions(getOptions, ['onResponse', 'wait', 'projectId']);
      const { wait = 0, projectId = options.projectId, ...callOptions } = getOptions;
      checkWait(wait);
      const request = buildGet('get', pathOf(id) + queryOf({ wait: wait || undefined, project_id: projectId }));
      const timeoutMs = timeoutOf(options, callOptions) + wait * 1000;
      return record({ request, body: null }, { ...callOptions, timeoutMs });
    },
    async submit(input, submitOptions = {}) {
      checkCallOptions(submitOptions, ['onResponse', 'idempotencyKey']);
      const { idempotencyKey = options.newIdempotencyKey(), ...callOptions } = submitOptions;
      const body = await prepareBody(options, () => prepareRequest(input, options), false);
      return record({ request: buildSubmission(idempotencyKey), body }, callOptions);
    },
    async *events(id, { projectId = options.projectId, ...eventsOptions } = {}) {
      checkProject({ projectId });
      yield* generationEvents(options, `${pathOf(id)}/events${queryOf({ project_id: projectId })}`, eventsOptions);
    },
    cancel: (id, callOptions) => cancel(id, {}, callOptions),
    resolve: act('resolve'),
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
  };
}

function checkWait(wait: number): void {
  if (!(Number.isInteger(wait) && wait >= 0 && wait <= MAX_WAIT_SECONDS))
    throw invalidOption('wait', `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, got ${wait}.`);
}

/** The query of a request, with its `?`; empty if all values are undefined. Names have to be encoded already. */
function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function pathOf(id: string): string {
  return `/v1/generations/${encodeURIComponent(id)}`;
}
