import { WanImageError } from '../errors/wan-image-error.ts';
import type { CallOptions } from './call-options.ts';
import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { ClientOptions, PortableClientOptions, PortableHistoryClientOptions } from './client-options.ts';
import type { Hooks } from './hooks.ts';
import { isHostName } from './trusted-host.ts';

/** A host without user and password, and optionally a path. */
const BASE_URL = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** Characters that a header can contain. */
const API_KEY = /^[\x21-\x7e]+$/;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

type NameOf<T> = keyof T & string;

const OPTIONS = [
  'apiKey',
  'baseUrl',
  'timeoutMs',
  'idleTimeoutMs',
  'retry',
  'headers',
  'hooks',
  'maxImageBytes',
  'allowPrivateHosts',
  'trustedHosts',
  'transport',
  'base64',
  'clock',
  'random',
  'newIdempotencyKey',
] satisfies NameOf<ClientOptions>[];
const CALL_OPTIONS = ['signal', 'timeoutMs', 'retry'] satisfies NameOf<CallOptions>[];
const HOOKS = ['request', 'response', 'retry', 'error', 'done'] satisfies NameOf<Hooks>[];
const RETRY = [
  'maxRetries',
  'baseDelayMs',
  'maxDelayMs',
  'maxTotalDelayMs',
  'unknownOutcomes',
] satisfies NameOf<RetryPolicy>[];

/** The options of a history client, which may have no key. */
export function checkHistoryOptions(clientOptions: PortableHistoryClientOptions): void {
  const { apiKey } = clientOptions;
  // In place of null any valid key will do: it is checked, and not sent.
  checkOptions({ ...clientOptions, apiKey: apiKey === null ? 'none' : apiKey }, ['projectId']);
  checkProject(clientOptions);
}

/** Refuses options with which every call would fail, and less clearly. Never quotes the key or the value of a header. */
export function checkOptions(clientOptions: PortableClientOptions, more: readonly string[] = []): void {
  checkNames(clientOptions, [...OPTIONS, ...more], '');
  checkNames(clientOptions.hooks ?? {}, HOOKS, 'hooks.');
  const {
    baseUrl,
    apiKey,
    transport,
    clock,
    random,
    newIdempotencyKey,
    headers = {},
    trustedHosts = [],
    ...options
  } = clientOptions;
  if (typeof baseUrl !== 'string' || !BASE_URL.test(baseUrl) || !URL.canParse(baseUrl)) {
    // A URL with "@" may contain a password.
    const got = typeof baseUrl === 'string' && baseUrl.includes('@') ? 'a URL with "@"' : JSON.stringify(baseUrl);
    throw invalidOption('baseUrl', `baseUrl must be a URL such as "http://127.0.0.1:3000", got ${got}.`);
  }
  checkKey(apiKey);
  if (typeof clock !== 'object')
    throw invalidOption('clock', 'clock must be an object with now() and sleep(ms, signal).');
  for (const [name, value] of Object.entries({ transport, random, newIdempotencyKey })) {
    if (typeof value !== 'function')
      throw invalidOption(
        name,
        `${name} must be a function: only @wan-image/core has a default, not @wan-image/core/portable.`,
      );
  }
  for (const [name, value] of Object.entries(headers)) {
    if (HEADER_NAME.test(name) && typeof value === 'string' && HEADER_VALUE.test(value)) continue;
    throw invalidOption(
      'headers',
      `Invalid header ${JSON.stringify(name)}: remove line breaks and characters beyond Latin-1.`,
    );
  }
  const untrusted: unknown = Array.isArray(trustedHosts)
    ? trustedHosts.find((host) => !isHostName(host))
    : trustedHosts;
  if (untrusted !== undefined) {
    const got = typeof untrusted === 'string' ? JSON.stringify(untrusted) : typeof untrusted;
    throw invalidOption(
      'trustedHosts',
      `trustedHosts must be hosts such as "images.internal" or "10.0.0.5:9000", without http:// and path, got ${got}.`,
    );
  }
  checkNumbers(options);
}

/** The options that some calls have, and others do not. */
interface SpecialOptions {
  readonly idempotencyKey?: string | undefined;
  readonly sink?: unknown;
  readonly projectId?: unknown;
}

/** Refuses invalid options of one call before anything is sent. `more` are the names that it has beyond those of every call. */
export function checkCallOptions(options: CallOptions & SpecialOptions, more: readonly string[] = []): void {
  checkNames(options, [...CALL_OPTIONS, ...more], '');
  checkProject(options);
  const { idempotencyKey, sink, signal } = options;
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw invalidOption('signal', 'signal must be an AbortSignal: pass controller.signal, not the controller.');
  }
  if (idempotencyKey !== undefined && !API_KEY.test(idempotencyKey)) {
    throw invalidOption('idempotencyKey', 'idempotencyKey must be ASCII characters without spaces, such as a UUID.');
  }
  if (sink !== undefined && typeof sink !== 'function') {
    throw invalidOption('sink', 'sink must be a function that reads the stream() of the image it gets.');
  }
  checkNumbers(options);
}

type Numbers = Pick<ClientOptions, 'timeoutMs' | 'idleTimeoutMs' | 'maxImageBytes' | 'retry'>;

function checkNumbers({ timeoutMs, idleTimeoutMs, maxImageBytes, retry = {} }: Numbers): void {
  if (typeof retry !== 'object') throw invalidOption('retry', 'retry must be an object such as { maxRetries: 0 }.');
  checkNames(retry, RETRY, 'retry.');
  const { maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs } = retry;
  for (const [name, value] of Object.entries({ timeoutMs, idleTimeoutMs, maxImageBytes })) {
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw invalidOption(name, `${name} must be a number above 0, got ${value}.`);
  }
  for (const [name, value] of Object.entries({ maxRetries, baseDelayMs, maxDelayMs, maxTotalDelayMs })) {
    if (value !== undefined && !(value >= 0))
      throw invalidOption(`retry.${name}`, `retry.${name} must be 0 or more, got ${value}.`);
  }
}

/** Not empty: the service would refuse it, but only when it is called. */
export function checkProject({ projectId }: { readonly projectId?: unknown }): void {
  if (projectId !== undefined && (typeof projectId !== 'string' || projectId === ''))
    throw invalidOption('projectId', 'projectId must be the id of a project, or "all".');
}

export function checkKey(apiKey: unknown): void {
  if (apiKey === undefined || apiKey === null || apiKey === '') {
    throw invalidOption(
      'apiKey',
      'apiKey is missing: pass it or, on Node, set the environment variable WAN_IMAGE_API_KEY.',
    );
  }
  if (typeof apiKey !== 'string' || !API_KEY.test(apiKey) || /^["']|["']$/.test(apiKey)) {
    throw invalidOption(
      'apiKey',
      'Invalid apiKey: pass the key alone, without quotes, spaces, line breaks or "Bearer".',
    );
  }
}

/** A misspelled option would be ignored, and the call would use a default that may cost money. */
function checkNames(options: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const match = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  const hint = match === undefined ? `Known options: ${known.join(', ')}.` : `Did you mean ${prefix}${match}?`;
  throw invalidOption(prefix + unknown, `Unknown option "${prefix}${unknown}". ${hint}`);
}

export function invalidOption(param: string, message: string): WanImageError {
  return new WanImageError(message, { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed', param });
}
