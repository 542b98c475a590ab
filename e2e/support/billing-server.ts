import type { ServerResponse } from 'node:http';
import { sendJson } from '@wan-image/testing/http-server';

/** How a server answers; one that has nothing to add leaves the caller waiting. */
export type Failure = (response: ServerResponse) => void;

/** What goes wrong between a client and a server that bills. The request has been read to its end before any of it. */
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

/** A limit that is over at once, so that nobody has to sleep through it. */
export function busy(response: ServerResponse): void {
  sendJson(response, 429, { error: { message: 'Slower.', type: 'rate_limit' } }, { 'retry-after-ms': '1' });
}

/** The beginning of a reply that was meant to be whole: the image has been made. */
function half(response: ServerResponse, then?: () => void): void {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
  response.write('{"created": 1785312000, "data": [{"url": "http', then);
}
