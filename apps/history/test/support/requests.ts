import {
  bytesSource,
  readImageInfo,
  type ErrorBody,
  type GenerationRecord,
  type GenerationResponse,
} from '@wan-image/core';
import { checkBody, checkHead, hasCheckedBody } from './openapi-check.ts';

export interface JsonResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

type Init = Omit<RequestInit, 'body' | 'headers'> & {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

/** Sends a request, checks the response against the OpenAPI document, and reads its JSON. A string body is sent unchanged. */
export async function send<T>(url: string, { body, headers, ...init }: Init): Promise<JsonResponse<T>> {
  const response = await fetchChecked(url, {
    ...init,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  // A body of events has no JSON: its test reads it.
  const isJson = response.headers.get('content-type')?.startsWith('text/event-stream') !== true;
  const json: unknown = isJson ? await response.json() : await response.text();
  return { status: response.status, headers: response.headers, body: json as T };
}

/** `fetch` from the service, with the response checked against the OpenAPI document: status, headers, JSON and events. */
export async function fetchChecked(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetchStreaming(url, init);
  if (hasCheckedBody(response)) checkBody(init?.method ?? 'GET', url, response, await response.clone().text());
  return response;
}

/** Like {@link fetchChecked}, without the body: the test reads it as it arrives. */
export async function fetchStreaming(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  checkHead(init?.method ?? 'GET', url, response);
  return response;
}

/** `fetch` of what the OpenAPI document does not describe: preflights of browsers, and other services. */
export function fetchUndescribed(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init);
}

/** `POST /v1/images/generations`. */
export function generate(
  base: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<JsonResponse<GenerationResponse & ErrorBody>> {
  return send(`${base}/v1/images/generations`, { method: 'POST', body, headers });
}

export function get<T>(base: string, path: string, headers: Record<string, string> = {}): Promise<JsonResponse<T>> {
  return send(base + path, { headers });
}

export async function recordOf(base: string, response: JsonResponse<unknown>): Promise<GenerationRecord> {
  return (await get<GenerationRecord>(base, `/v1/generations/${response.headers.get('x-generation-id')}`)).body;
}

/** Format and size of the image at a URL, read from its bytes, such as `png 2048x2048`. */
export async function imageAt(url: string): Promise<string> {
  const response = await fetchChecked(url);
  const info = readImageInfo(bytesSource(new Uint8Array(await response.arrayBuffer())));
  return info ? `${info.format} ${info.width}x${info.height}` : `none (${response.status})`;
}
