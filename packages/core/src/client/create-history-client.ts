import {
  generationList,
  generationRecord,
  type GenerationList,
  type GenerationRecord,
} from '../contract/generation-record.ts';
import { MAX_WAIT_SECONDS } from '../contract/limits.ts';
import type { Resolution } from '../contract/resolution.ts';
import { buildAction, buildGet, buildSubmission } from '../protocol/build-request.ts';
import type { CallOptions, Outgoing } from './call.ts';
import { callJson } from './call-json.ts';
import { checkCallOptions, checkOptions, wrong } from './check-options.ts';
import { timeLimitOf, type ClientOptions } from './client-options.ts';
import { downloadFromUrl, type DownloadOptions } from './download.ts';
import { generationEvents, type EventsOptions, type GenerationEvent } from './generation-events.ts';
import { definedOnly } from './defined-only.ts';
import { prepareBody, prepareRequest, type GenerateInput } from './prepare-request.ts';
import { jsonBody } from './request-body.ts';

export interface ListOptions extends CallOptions {
  /** Records of a page: 1 to 100, default 20. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

export interface GetOptions extends CallOptions {
  /** Seconds to wait for the end of the generation, whole, 0 to 60, default 0. They are added to the time limit of the call. */
  readonly wait?: number;
}

export interface SubmitOptions extends CallOptions {
  /** Sent as `Idempotency-Key`: the same key and request are the same generation, for 24 hours. Default: a new one for each call. */
  readonly idempotencyKey?: string;
}

/** What a history service has beyond the vendor's API. */
export interface HistoryClient {
  /** All records from the newest on, or from a cursor on: pages are fetched as they are reached. */
  list(options?: ListOptions): AsyncGenerator<GenerationRecord, void, void>;
  /** One page, newest first. */
  page(options?: ListOptions): Promise<GenerationList>;
  /** With `wait`, the record as soon as the generation has ended, or as it is when the wait is over. */
  get(id: string, options?: GetOptions): Promise<GenerationRecord>;
  /**
   * Leaves a generation to the service's queue, and gives its record at once. Checked like `generate`, and like it sent again only where it
   * certainly did no work; with `retry: { unknownOutcomes: true }` also else, which the key, kept across retries, makes safe.
   */
  submit(input: GenerateInput, options?: SubmitOptions): Promise<GenerationRecord>;
  /** Each change of state and each image as it is stored; ends when nothing more will come. A broken connection is taken up again. */
  events(id: string, options?: EventsOptions): AsyncGenerator<GenerationEvent, void, void>;
  /**
   * What was not sent yet costs nothing; of what is running the connection is dropped, and it may be billed. A record without `finished_at`:
   * its process has been asked. Throws `refused` (409) where it has ended already.
   */
  cancel(id: string, options?: CallOptions): Promise<GenerationRecord>;
  /** Says what the upstream's bill says of an `unknown` outcome. Throws `refused` (409) where it is not unknown. */
  resolve(id: string, resolution: Resolution, options?: CallOptions): Promise<GenerationRecord>;
  /** The bytes of a kept image as they come: `images[].url` of a record. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
}

export function createHistoryClient(options: ClientOptions): HistoryClient {
  checkOptions(options);
  const page: HistoryClient['page'] = ({ limit, cursor, ...callOptions } = {}) => {
    const query = Object.entries(definedOnly({ limit, cursor }))
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
        throw wrong('wait', `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}, got ${wait}.`);
      const request = buildGet('get', `${pathOf(id)}${wait === 0 ? '' : `?wait=${wait}`}`);
      const timeoutMs = timeLimitOf(options, callOptions) + wait * 1000;
      return record({ request, body: null }, { ...callOptions, timeoutMs });
    },
    async submit(input, { idempotencyKey = options.newIdempotencyKey(), ...callOptions } = {}) {
      const body = await prepareBody(options, () => prepareRequest(input), false);
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
