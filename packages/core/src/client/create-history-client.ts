import {
  generationList,
  generationRecord,
  type GenerationList,
  type GenerationRecord,
} from '../contract/generation-record.ts';
import { MAX_WAIT_SECONDS } from '../contract/limits.ts';
import type { Resolution } from '../contract/resolution.ts';
import { buildAction, buildGet, buildSubmission } from '../protocol/build-request.ts';
import type { Outgoing } from './call.ts';
import type { CallOptions } from './call-options.ts';
import { callJson } from './call-json.ts';
import { checkCallOptions, checkOptions, invalidOption } from './check-options.ts';
import { timeoutOf, type ClientOptions } from './client-options.ts';
import { downloadFromUrl, type DownloadOptions } from './download.ts';
import { generationEvents, type EventsOptions, type GenerationEvent } from './generation-events.ts';
import { definedOnly } from './defined-only.ts';
import { prepareBody, prepareRequest, type GenerateInput } from './prepare-request.ts';
import { jsonBody } from './request-body.ts';

export interface ListOptions extends CallOptions {
  /** Records per page: 1 to 100, default 20. */
  readonly limit?: number;
  /** `next_cursor` of the previous page. */
  readonly cursor?: string;
  /** Only generations whose request had this `user`. */
  readonly user?: string;
  /** Only generations whose request had all of these pairs in its `metadata`, and maybe others. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GetOptions extends CallOptions {
  /** Whole seconds to wait for the generation to end: 0 to 60, default 0. They are added to the timeout of the call. */
  readonly wait?: number;
}

export interface SubmitOptions extends CallOptions {
  /** Sent as `Idempotency-Key`: for 24 hours, the same key with the same request is the same generation. Default: a new one for each call. */
  readonly idempotencyKey?: string;
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
  submit(input: GenerateInput, options?: SubmitOptions): Promise<GenerationRecord>;
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

export function createHistoryClient(options: ClientOptions): HistoryClient {
  checkOptions(options);
  const page: HistoryClient['page'] = ({ limit, cursor, user, metadata = {}, ...callOptions } = {}) => {
    const pairs = Object.entries(metadata).map(
      ([key, value]) => [`metadata[${encodeURIComponent(key)}]`, value] as const,
    );
    const query = [...Object.entries(definedOnly({ limit, cursor, user })), ...pairs]
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const request = buildGet('list', `/v1/generations${query && `?${query}`}`);
    return callJson(options, { request, body: null }, generationList, callOptions);
  };
  const record = async (outgoing: Outgoing, callOptions: SubmitOptions = {}): Promise<GenerationRecord> => {
    checkCallOptions(callOptions);
    return callJson(options, outgoing, generationRecord, callOptions);
  };
  const act = (operation: 'cancel' | 'resolve') => (id: string, body: object, callOptions?: CallOptions) =>
    record({ request: buildAction(operation, `${pathOf(id)}/${operation}`), body: jsonBody(body) }, callOptions);
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
    async get(id, { wait = 0, ...callOptions } = {}) {
      if (!(Number.isInteger(wait) && wait >= 0 && wait <= MAX_WAIT_SECONDS))
        throw invalidOption(
          'wait',
          `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, got ${wait}.`,
        );
      const request = buildGet('get', `${pathOf(id)}${wait === 0 ? '' : `?wait=${wait}`}`);
      const timeoutMs = timeoutOf(options, callOptions) + wait * 1000;
      return record({ request, body: null }, { ...callOptions, timeoutMs });
    },
    async submit(input, { idempotencyKey = options.newIdempotencyKey(), ...callOptions } = {}) {
      const body = await prepareBody(options, () => prepareRequest(input, options), false);
      return record({ request: buildSubmission(idempotencyKey), body }, { ...callOptions, idempotencyKey });
    },
    events: (id, eventsOptions = {}) => generationEvents(options, `${pathOf(id)}/events`, eventsOptions),
    cancel: (id, callOptions) => cancel(id, {}, callOptions),
    resolve: act('resolve'),
    download: (url, downloadOptions = {}) => downloadFromUrl(url, options, downloadOptions),
  };
}

function pathOf(id: string): string {
  return `/v1/generations/${encodeURIComponent(id)}`;
}
