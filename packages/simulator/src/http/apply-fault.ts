import type { ServerResponse } from 'node:http';
import type { Fault } from '../faults/directive.ts';
import { errorBodyOf, requestIdOf, send, sendError, sendJson, sendWebPage } from './response.ts';

const CODES: Readonly<Record<number, string>> = {
  400: 'InvalidParameter',
  401: 'InvalidApiKey',
  403: 'AccessDenied',
  404: 'ModelNotFound',
  429: 'Throttling.RateQuota',
};

/** Sends the fault as the response. Returns false if the fault only changes a regular response: a cut, a delay, a number of images. */
export function applyFault(response: ServerResponse, fault: Fault): boolean {
  const headers = fault.retryAfter === null ? undefined : { 'retry-after': fault.retryAfter };
  if (fault.cut === 0) response.destroy();
  else if (fault.html) sendWebPage(response, fault.status ?? 502);
  else if (fault.empty) send(response, fault.status ?? 200, '', { 'content-type': 'application/json' });
  else if (fault.error200) sendJson(response, 200, errorBodyOf(errorOf(fault, 400), requestIdOf(response)), headers);
  else if (fault.status !== null && fault.status >= 300)
    sendError(response, fault.status, errorOf(fault, fault.status), headers);
  else return false;
  return true;
}

function errorOf(fault: Fault, status: number): { message: string; type: string; param: null; code: string } {
  const code = fault.code ?? CODES[status] ?? 'InternalError';
  return { message: `A simulated error: ${code}`, type: 'simulated_error', param: null, code };
}

/**
 * The number of images that are billed although the response is a fault. It is the worst case: every outcome that the client
 * cannot know (ruling 17 of the contract) is billed, and only a request that certainly did no work is not.
 */
export function billedOf(fault: Fault, images: number): number {
  if (fault.cut === 0) return images;
  const code = fault.error200 ? (fault.code ?? CODES[400] ?? '') : null;
  if (code !== null) return REFUSAL.test(code) ? 0 : images;
  const status = fault.status ?? (fault.html ? 502 : 200);
  const certainlyRefused = status >= 300 && status < 500 && status !== 408 && status !== 409;
  return certainlyRefused ? 0 : images;
}

/** Codes of requests that did no work, whatever the status. */
const REFUSAL = /^(Invalid|BadRequest|ModelNotFound|AccessDenied|Arrearage|Throttling|DataInspection|IPInfringement)/;

/** Announces the length of the complete body, sends a fraction of it and closes the connection. */
export function cutResponse(response: ServerResponse, body: string, fraction: number): void {
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length * fraction)), () => response.destroy());
}
