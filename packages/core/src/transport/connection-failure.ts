import { transportError, type TransportError } from './transport.ts';

/** Codes of undici and TLS that can only come before the first byte of a request has left. */
const NEVER_CONNECTED = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  // Bun's word for a refused connection or a name that nobody knows.
  'ConnectionRefused',
]);

/**
 * System calls before there is a connection. A code such as EHOSTUNREACH alone does not tell: a connection on which
 * a paid request is already under way ends with it too, when a route is lost, but then in a `read`.
 */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);

/** The failure of a request that has no answer, as a host's client threw it: whether a connection was ever made is read from its causes. */
export function requestFailure(cause: unknown): TransportError {
  return failure(cause, !neverConnected(cause));
}

/** The failure of a body that was being read. */
export function bodyFailure(cause: unknown): TransportError {
  return failure(cause, true);
}

function failure(cause: unknown, connected: boolean): TransportError {
  const [leaf] = leavesOf(cause);
  return transportError(leaf?.code ?? leaf?.message ?? String(cause), connected, cause);
}

/** In doubt false: then the outcome is unknown, and nothing is sent again. */
function neverConnected(cause: unknown): boolean {
  const leaves = leavesOf(cause);
  return leaves.length > 0 && leaves.every(isBeforeConnection);
}

function isBeforeConnection({ code, syscall, message }: Leaf): boolean {
  if (syscall !== null && BEFORE_CONNECTION.has(syscall)) return true;
  // fetch blocks some ports, and says so only in words.
  return code === null ? message === 'bad port' : NEVER_CONNECTED.has(code);
}

interface Leaf {
  readonly message: string;
  readonly code: string | null;
  readonly syscall: string | null;
}

/** What an error comes down to: its innermost causes, several where a host has several addresses. */
function leavesOf(error: unknown): Leaf[] {
  if (!(error instanceof Error)) return [];
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(leavesOf);
  if (error.cause instanceof Error) return leavesOf(error.cause);
  return [{ message: error.message, code: textOf(error, 'code'), syscall: textOf(error, 'syscall') }];
}

function textOf(error: Error, key: 'code' | 'syscall'): string | null {
  const value = (error as { code?: unknown; syscall?: unknown })[key];
  return typeof value === 'string' ? value : null;
}
