import { WanImageError } from '../errors/wan-image-error.ts';
import type { CallOptions } from './call.ts';
import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { ClientOptions } from './client-options.ts';
import type { Hooks } from './hooks.ts';

/** A host, without user and password, and after it at most a path. */
const BASE_URL = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** What can stand in a header. */
const API_KEY = /^[\x21-\x7e]+$/;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

type NameOf<T> = keyof T & string;

const OPTIONS: ReadonlySet<string> = new Set([
  ...([
    'apiKey',
    'baseUrl',
    'timeoutMs',
    'idleTimeoutMs',
    'retry',
    'headers',
    'hooks',
  ] satisfies NameOf<ClientOptions>[]),
  ...(['maxImageBytes', 'allowPrivateHosts', 'transport', 'base64'] satisfies NameOf<ClientOptions>[]),
  ...(['clock', 'random', 'newIdempotencyKey'] satisfies NameOf<ClientOptions>[]),
]);
const CALL_OPTIONS: ReadonlySet<string> = new Set([
  ...(['signal', 'timeoutMs', 'retry', 'onResponse'] satisfies NameOf<CallOptions>[]),
  'idempotencyKey',
  'sink',
]);
const HOOKS: ReadonlySet<string> = new Set(['request', 'response', 'retry', 'error', 'done'] satisfies NameOf<Hooks>[]);
const RETRY: ReadonlySet<string> = new Set([
  'maxRetries',
  'baseDelayMs',
  'maxDelayMs',
  'maxTotalDelayMs',
  'unknownOutcomes',
] satisfies NameOf<RetryPolicy>[]);

/** Refuses at once what would fail at every call, and less clearly. Neither the key nor a header's value is ever quoted. */
export function checkOptions(given: ClientOptions): void {
  checkNames(given, OPTIONS, '');
  checkNames(given.hooks ?? {}, HOOKS, 'hooks.');
  const { baseUrl, apiKey, transport, clock, random, newIdempotencyKey, headers = {}, ...options } = given;
  if (typeof baseUrl !== 'string' || !BASE_URL.test(baseUrl) || !URL.canParse(baseUrl)) {
    const got =
      typeof baseUrl === 'string' && baseUrl.includes('@') ? 'one with a user or "@" in it' : JSON.stringify(baseUrl);
    throw wrong('baseUrl', `baseUrl must be a URL such as "http://127.0.0.1:3000", got ${got}.`);
  }
  checkKey(apiKey);
  if (typeof clock !== 'object') throw wrong('clock', 'clock must be an object with now() and sleep(ms, signal).');
  for (const [name, value] of Object.entries({ transport, random, newIdempotencyKey })) {
    if (typeof value !== 'function')
      throw wrong(name, `${name} must be a function; only the door for your host has a default.`);
  }
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
  checkNames(options, CALL_OPTIONS, '');
  const { idempotencyKey, sink, signal } = options;
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw wrong('signal', 'signal must be an AbortSignal: give controller.signal, not the controller.');
  }
  if (idempotencyKey !== undefined && !API_KEY.test(idempotencyKey)) {
    throw wrong('idempotencyKey', 'idempotencyKey must be ASCII characters without spaces, for example a UUID.');
  }
  if (sink !== undefined && typeof sink !== 'function') {
    throw wrong('sink', 'sink must be a function that takes an image and reads its stream().');
  }
  checkNumbers(options);
}

type Numbers = Pick<ClientOptions, 'timeoutMs' | 'idleTimeoutMs' | 'maxImageBytes' | 'retry'>;

function checkNumbers({ timeoutMs, idleTimeoutMs, maxImageBytes, retry = {} }: Numbers): void {
  if (typeof retry !== 'object') throw wrong('retry', 'retry must be an object such as { maxRetries: 0 }.');
  checkNames(retry, RETRY, 'retry.');
  const { maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs } = retry;
  for (const [name, value] of Object.entries({ timeoutMs, idleTimeoutMs, maxImageBytes })) {
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw wrong(name, `${name} must be a number above 0, got ${value}.`);
  }
  for (const [name, value] of Object.entries({ maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs })) {
    if (value !== undefined && !(value >= 0))
      throw wrong(`retry.${name}`, `retry.${name} must be 0 or more, got ${value}.`);
  }
}

function checkKey(apiKey: unknown): void {
  if (apiKey === undefined || apiKey === null || apiKey === '') {
    throw wrong('apiKey', 'apiKey is missing: is the environment variable set that it comes from?');
  }
  if (typeof apiKey !== 'string' || !API_KEY.test(apiKey) || /^["']|["']$/.test(apiKey)) {
    throw wrong(
      'apiKey',
      'apiKey must be the key alone, in ASCII without spaces: look for quotes, line breaks or "Bearer" that came along.',
    );
  }
}

/** A misspelled option would be one that is not there, and the call would go to a default that costs money. */
function checkNames(options: object, known: ReadonlySet<string>, prefix: string): void {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown === undefined) return;
  const meant = [...known].find((name) => name.toLowerCase() === unknown.toLowerCase());
  const hint = meant === undefined ? `Known are ${[...known].join(', ')}.` : `Did you mean ${prefix}${meant}?`;
  throw wrong(prefix + unknown, `"${prefix}${unknown}": no such option. ${hint}`);
}

export function wrong(param: string, message: string): WanImageError {
  return new WanImageError(message, { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed', param });
}
