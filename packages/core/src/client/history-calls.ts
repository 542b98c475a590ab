import type * as z from 'zod/mini';
import { FILTER_NAMES } from '../contract/generation-filter.ts';
import { generationRecord } from '../contract/generation-record.ts';
import type { GenerationRecord } from '../contract/generation-types.ts';
import type { RequestBody } from '../transport/transport.ts';
import { buildAction, buildDelete, buildGet, type HttpRequest, type Operation } from '../protocol/build-request.ts';
import type { CallOptions } from './call-options.ts';
import { callJson, callWithoutContent } from './call-json.ts';
import { checkCallOptions, checkKey, invalidOption } from './check-options.ts';
import type { PortableHistoryClientOptions } from './client-options.ts';
import type { CountOption, DeleteOptions, FilteredOptions, ReadOptions, SubmitOptions } from './history-client.ts';
import { jsonBody } from './json-body.ts';

/** What is read, and its schema. */
export interface ReadRoute<P> {
  readonly operation: Operation;
  readonly path: string;
  readonly schema: z.ZodMiniType<P>;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** The kinds of call that the methods of a history client consist of. Each refuses options that it does not have. */
export class HistoryCalls {
  readonly options: PortableHistoryClientOptions;

  constructor(options: PortableHistoryClientOptions) {
    this.options = options;
  }

  /** What is no option of every read, and has a name of `names`, is a parameter of the query. */
  async read<T>(
    { operation, path, schema }: ReadRoute<T>,
    readOptions: ReadOptions = {},
    names: readonly string[] = [],
  ): Promise<T> {
    checkRead(readOptions, names);
    const { projectId = this.options.projectId, signal, timeoutMs, retry, onResponse, ...query } = readOptions;
    const request = buildGet(operation, path + queryOf({ ...query, project_id: projectId }));
    return callJson(this.options, { request, body: null }, schema, { signal, timeoutMs, retry, onResponse });
  }

  /** Like `read`, of what belongs to no project. */
  get<T>({ operation, path, schema }: ReadRoute<T>, callOptions: CallOptions = {}): Promise<T> {
    checkCallOptions(callOptions, ['onResponse']);
    return callJson(this.options, { request: buildGet(operation, path), body: null }, schema, callOptions);
  }

  page<P>(route: ReadRoute<P>, listOptions: FilteredOptions & CountOption = {}): Promise<P> {
    return this.read(route, listOptions, [...listOptionNames(), 'count']);
  }

  /** All of a list. A page is requested when it is reached. */
  async *all<T>(route: ReadRoute<Page<T>>, listOptions: FilteredOptions = {}): AsyncGenerator<T, void, void> {
    let cursor: string | null | undefined = listOptions.cursor;
    do {
      const pageOptions: FilteredOptions = { ...listOptions, ...(cursor && { cursor }) };
      const { data, next_cursor } = await this.read(route, pageOptions, listOptionNames());
      yield* data;
      cursor = next_cursor;
    } while (cursor !== null);
  }

  post<T>(
    operation: Operation,
    path: string,
    schema: z.ZodMiniType<T>,
    body: object,
    callOptions?: CallOptions,
    method?: 'PUT',
  ): Promise<T> {
    return this.#act(buildAction(operation, path, method), schema, body, callOptions);
  }

  /** A change of webhooks that must not be made twice: without retries, unless the call asks for them. */
  once<T>(path: string, schema: z.ZodMiniType<T>, body: object, callOptions: CallOptions = {}): Promise<T> {
    return this.post('webhooks', path, schema, body, {
      ...callOptions,
      retry: { maxRetries: 0, ...callOptions.retry },
    });
  }

  patch<T>(path: string, schema: z.ZodMiniType<T>, changes: object, callOptions?: CallOptions): Promise<T> {
    return this.#act(buildAction('update', path, 'PATCH'), schema, changes, callOptions);
  }

  async delete(path: string, deleteOptions: DeleteOptions = {}): Promise<void> {
    checkCallOptions(deleteOptions, ['onResponse', 'purge']);
    const { purge = false, ...callOptions } = deleteOptions;
    return this.remove(path + queryOf({ purge: purge || undefined }), callOptions, purge);
  }

  /** Deletes what has no bin. */
  async remove(path: string, callOptions: CallOptions = {}, isGoneAtLast = true): Promise<void> {
    checkCallOptions(callOptions, ['onResponse']);
    return callWithoutContent(this.options, { request: buildDelete(path), body: null }, isGoneAtLast, callOptions);
  }

  /** With the key as the credential too: so it is checked before it is sent, and no error or hook shows it. */
  async signIn(path: string, apiKey: string, callOptions: CallOptions = {}): Promise<void> {
    checkCallOptions(callOptions, ['onResponse']);
    checkKey(apiKey);
    const outgoing = { request: buildAction('session', path), body: jsonBody({ api_key: apiKey }) };
    return callWithoutContent({ ...this.options, apiKey }, outgoing, false, callOptions);
  }

  async enqueue(
    requestWith: (key: string) => HttpRequest,
    prepare: () => Promise<RequestBody>,
    submitOptions?: SubmitOptions,
  ): Promise<GenerationRecord> {
    const { key, callOptions } = this.#keyOf(submitOptions);
    return callJson(this.options, { request: requestWith(key), body: await prepare() }, generationRecord, callOptions);
  }

  /** Its retries have the same key, so that it is carried out once. */
  async bulk<T>(schema: z.ZodMiniType<T>, change: object, submitOptions?: SubmitOptions): Promise<T> {
    const { key, callOptions } = this.#keyOf(submitOptions);
    const { headers, ...request } = buildAction('bulk', '/v1/generations/bulk');
    const withKey = { ...request, headers: { ...headers, 'idempotency-key': key } };
    return callJson(this.options, { request: withKey, body: jsonBody(change) }, schema, callOptions);
  }

  #keyOf(submitOptions: SubmitOptions = {}): { readonly key: string; readonly callOptions: CallOptions } {
    checkCallOptions(submitOptions, ['onResponse', 'idempotencyKey']);
    const { idempotencyKey = this.options.newIdempotencyKey(), ...callOptions } = submitOptions;
    return { key: idempotencyKey, callOptions };
  }

  async #act<T>(
    request: HttpRequest,
    schema: z.ZodMiniType<T>,
    body: object,
    callOptions: CallOptions = {},
  ): Promise<T> {
    checkCallOptions(callOptions, ['onResponse']);
    return callJson(this.options, { request, body: jsonBody(body) }, schema, callOptions);
  }
}

function listOptionNames(): readonly string[] {
  return ['limit', 'cursor', 'order', ...FILTER_NAMES];
}

/** Refuses invalid options of a read. */
export function checkRead(readOptions: ReadOptions, names: readonly string[]): void {
  checkCallOptions(readOptions, ['onResponse', 'projectId', ...names]);
}

type Query = Readonly<Record<string, unknown>>;

/** The query of a request, with its `?`; empty if all values are undefined. A list is repeated, and a pair is `name[key]`. */
export function queryOf(values: Query): string {
  const pairs = Object.entries(values).flatMap(([name, value]): string[] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) {
      // Without a value the filter would not have this part, and select everything.
      if (value.length === 0) throw invalidOption(name, `${name} is empty: give at least one value, or omit it.`);
      return value.map((one) => pairOf(name, one));
    }
    if (typeof value !== 'object' || value === null) return [pairOf(name, value)];
    return Object.entries(value).map(([key, inner]) => pairOf(`${name}[${encodeURIComponent(key)}]`, inner));
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function pairOf(name: string, value: unknown): string {
  return `${name}=${encodeURIComponent(String(value))}`;
}
