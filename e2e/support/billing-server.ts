import type { ServerResponse } from 'node:http';
import { sendJson } from '@wan-image/testing/http-server';

/** Writes a response, or leaves it open. */
export type Failure = (response: ServerResponse) => void;

/** Failures between a client and a server that bills. The server has read the whole request before each of them. */
export const FAILURES = {
  '408': status(408),
  '409': status(409),
  '429': busy,
  '500': status(500),
  '503': status(503),
  reset: (response) => void response.destroy(),
  'truncated 200': (response) => half(response, () => response.destroy()),
  'bad JSON 200': (response) => void response.writeHead(200, JSON_TYPE).end('<html>all is well</html>'),
  'empty 200': (response) => sendJson(response, 200, { data: [] }),
  hang: () => undefined,
  'stalled body': (response) => half(response),
} as const satisfies Readonly<Record<string, Failure>>;

export type FailureName = keyof typeof FAILURES;

const JSON_TYPE = { 'content-type': 'application/json' };

function status(code: number): Failure {
  return (response) => sendJson(response, code, { error: { message: 'No.', type: 'server_error', code: null } });
}

/** A rate limit that ends at once, so that tests do not wait for it. */
export function busy(response: ServerResponse): void {
  sendJson(response, 429, { error: { message: 'Slower.', type: 'rate_limit' } }, { 'retry-after-ms': '1' });
}

/** The first part of a complete response: the image has been generated. */
function half(response: ServerResponse, then?: () => void): void {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
  response.write('{"created": 1785312000, "data": [{"url": "http', then);
}
