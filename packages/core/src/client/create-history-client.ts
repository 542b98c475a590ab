import {
  generationList,
  generationRecord,
  type GenerationList,
  type GenerationRecord,
} from '../contract/generation-record.ts';
import { buildGet } from '../protocol/build-request.ts';
import { readJsonAnswer } from '../protocol/read-json-answer.ts';
import { call, type CallOptions } from './call.ts';
import { checkOptions } from './check-options.ts';
import type { ClientOptions } from './client-options.ts';

export interface ListOptions extends CallOptions {
  /** 1 to 100, default 20. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

/** What a history service has beyond the vendor's API. */
export interface HistoryClient {
  /** One page, newest first. */
  list(options?: ListOptions): Promise<GenerationList>;
  get(id: string, options?: CallOptions): Promise<GenerationRecord>;
}

export function createHistoryClient(options: ClientOptions): HistoryClient {
  checkOptions(options);
  return {
    async list({ limit, cursor, ...callOptions } = {}) {
      const query = [
        ...(limit === undefined ? [] : [`limit=${limit}`]),
        ...(cursor === undefined ? [] : [`cursor=${encodeURIComponent(cursor)}`]),
      ].join('&');
      const path = `/v1/generations${query === '' ? '' : `?${query}`}`;
      return (await call(options, buildGet(path), readJsonAnswer(generationList), callOptions)).value;
    },
    async get(id, callOptions = {}) {
      const request = buildGet(`/v1/generations/${encodeURIComponent(id)}`);
      return (await call(options, request, readJsonAnswer(generationRecord), callOptions)).value;
    },
  };
}
