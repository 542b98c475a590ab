import {
  generationList,
  generationRecord,
  type GenerationList,
  type GenerationRecord,
} from '../contract/generation-record.ts';
import { buildGet } from '../protocol/build-request.ts';
import type { CallOptions } from './call.ts';
import { checkOptions } from './check-options.ts';
import type { ClientOptions } from './client-options.ts';
import { downloadKept, type DownloadOptions } from './download.ts';
import { getJson } from './get-json.ts';

export interface ListOptions extends CallOptions {
  /** Records of a page: 1 to 100, default 20. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

/** What a history service has beyond the vendor's API. */
export interface HistoryClient {
  /** All records from the newest on, or from a cursor on: pages are fetched as they are reached. */
  list(options?: ListOptions): AsyncGenerator<GenerationRecord, void, void>;
  /** One page, newest first. */
  page(options?: ListOptions): Promise<GenerationList>;
  get(id: string, options?: CallOptions): Promise<GenerationRecord>;
  /** The bytes of a kept picture as they come: `images[].url` of a record. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
}

export function createHistoryClient(options: ClientOptions): HistoryClient {
  checkOptions(options);
  const page: HistoryClient['page'] = ({ limit, cursor, ...callOptions } = {}) => {
    const query = [
      ...(limit === undefined ? [] : [`limit=${limit}`]),
      ...(cursor === undefined ? [] : [`cursor=${encodeURIComponent(cursor)}`]),
    ].join('&');
    const request = buildGet('list', `/v1/generations${query === '' ? '' : `?${query}`}`);
    return getJson(options, request, generationList, callOptions);
  };
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
    get: (id, callOptions) =>
      getJson(options, buildGet('get', `/v1/generations/${encodeURIComponent(id)}`), generationRecord, callOptions),
    download: (url, downloadOptions = {}) => downloadKept(url, options, downloadOptions),
  };
}
