import { WanImageError } from '../errors/wan-image-error.ts';
import type { CallOptions } from './call.ts';
import type { ClientOptions } from './client-options.ts';

/** A host, without user and password, and after it at most a path. */
const BASE_URL = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** What can stand in a header. */
const API_KEY = /^[\x21-\x7e]+$/;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Refuses at once what would fail at every call, and less clearly. Neither the key nor a header's value is ever quoted. */
export function checkOptions({ baseUrl, apiKey, transport, headers = {}, ...options }: ClientOptions): void {
  if (typeof baseUrl !== 'string' || !BASE_URL.test(baseUrl) || !URL.canParse(baseUrl)) {
    const got =
      typeof baseUrl === 'string' && baseUrl.includes('@') ? 'one with a user or "@" in it' : JSON.stringify(baseUrl);
    throw wrong('baseUrl', `baseUrl must be a URL such as "http://127.0.0.1:3000", got ${got}.`);
  }
  if (typeof apiKey !== 'string' || !API_KEY.test(apiKey)) {
    throw wrong(
      'apiKey',
      'apiKey must be ASCII characters without spaces: look for quotes or line breaks that were pasted along.',
    );
  }
  if (typeof transport !== 'function')
    throw wrong('transport', 'transport must be a function: see createFetchTransport.');
  for (const [name, value] of Object.entries(headers)) {
    if (HEADER_NAME.test(name) && typeof value === 'string' && HEADER_VALUE.test(value)) continue;
    throw wrong(
      'headers',
      `headers has ${JSON.stringify(name)}, which cannot be sent: look for line breaks and characters beyond Latin.`,
    );
  }
  checkNumbers(options);
}

/** The same for what is given with one call, before anything is sent. */
export function checkCallOptions(options: CallOptions & { idempotencyKey?: string; sink?: unknown }): void {
  const { idempotencyKey, sink } = options;
  if (idempotencyKey !== undefined && !API_KEY.test(idempotencyKey)) {
    throw wrong('idempotencyKey', 'idempotencyKey must be ASCII characters without spaces, for example a UUID.');
  }
  if (sink !== undefined && typeof sink !== 'function') {
    throw wrong('sink', 'sink must be a function that takes a picture and reads its stream().');
  }
  checkNumbers(options);
}

type Numbers = Pick<ClientOptions, 'timeoutMs' | 'idleTimeoutMs' | 'maxPictureBytes' | 'retry'>;

function checkNumbers({ timeoutMs, idleTimeoutMs, maxPictureBytes, retry = {} }: Numbers): void {
  const { maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs } = retry;
  for (const [name, value] of Object.entries({ timeoutMs, idleTimeoutMs, maxPictureBytes })) {
    if (value !== undefined && !(value > 0)) throw wrong(name, `${name} must be a number above 0, got ${value}.`);
  }
  for (const [name, value] of Object.entries({ maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs })) {
    if (value !== undefined && !(value >= 0))
      throw wrong(`retry.${name}`, `retry.${name} must be 0 or more, got ${value}.`);
  }
}

function wrong(param: string, message: string): WanImageError {
  return new WanImageError(message, { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed', param });
}
