import type { GenerationRecord, ServiceInfo } from '@wan-image/core';
import { sendJson, startTestServer, type RecordedRequest, type TestServer } from '@wan-image/testing/http-server';
import type { ServerResponse } from 'node:http';

type Respond = (request: RecordedRequest, response: ServerResponse) => void | Promise<void>;

export interface ServiceOptions {
  readonly info?: Partial<ServiceInfo>;
  /** What it has. A test may change it. */
  readonly records?: GenerationRecord[];
  /** Responds to what starts a generation. */
  readonly submit?: Respond;
}

const INFO: ServiceInfo = {
  version: '1.0.0',
  simulated: true,
  key_required: false,
  scopes: ['read', 'generate', 'manage'],
  prices: {},
  currency: 'CNY',
  search: { complete: true, indexed: 1 },
};

/** A server with the routes of a history service that the page for generating uses. */
export function startService({ info = {}, records = [], submit = refuse }: ServiceOptions = {}): Promise<
  TestServer & AsyncDisposable
> {
  return startTestServer(async (request, response) => {
    const { pathname } = new URL(request.path, 'http://localhost');
    if (request.method === 'POST') return submit(request, response);
    if (pathname === '/v1/service') return sendJson(response, 200, { ...INFO, ...info });
    if (pathname === '/v1/stats') return sendJson(response, 200, STATISTICS);
    if (pathname === '/v1/generations') return sendJson(response, 200, listOf(records, request.path));
    if (pathname.endsWith('/events')) return void response.writeHead(204).end();
    const record = records.find(({ id }) => pathname === `/v1/generations/${id}`);
    const image = records.flatMap(({ id, images }) => images.map((one) => ({ ...one, generation_id: id })));
    const found = record ?? image.find(({ id }) => pathname === `/v1/images/${id}`);
    if (found === undefined)
      return sendJson(response, 404, { error: { message: 'No such record.', type: 'x', code: 'not_found' } });
    return sendJson(response, 200, found);
  });
}

/** The requests that start a generation. */
export function submissions({ requests }: TestServer): readonly RecordedRequest[] {
  return requests.filter(({ method }) => method === 'POST');
}

const STATISTICS = {
  object: 'stats',
  from: '2026-10-29T00:00:00.000Z',
  to: '2026-11-28T00:00:00.000Z',
  complete: true,
  data: [],
};

function refuse(_request: RecordedRequest, response: ServerResponse): void {
  sendJson(response, 400, {
    error: { message: 'Nothing is generated here.', type: 'invalid_request_error', code: null },
  });
}

function listOf(records: readonly GenerationRecord[], path: string): unknown {
  const states = new URL(path, 'http://localhost').searchParams.getAll('state');
  const data = records.filter(({ state }) => states.length === 0 || states.includes(state));
  return { object: 'list', data, has_more: false, next_cursor: null };
}
