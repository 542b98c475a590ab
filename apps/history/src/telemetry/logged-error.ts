import { isWanImageError, redactText } from '@wan-image/core';
import { stdSerializers } from 'pino';

/** Maximum length of a text inside a logged error, in characters: the error of a failed query contains the whole prompt. */
const MAX_TEXT_LENGTH = 2000;

const ABORTS: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError']);

/**
 * Node's codes of connections and streams that end early and, unlike those of the system, come without the name of a system call. Other codes
 * of streams and HTTP, such as ERR_HTTP_HEADERS_SENT, are bugs.
 */
const CUT = /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ABORT_ERR|ERR_STREAM_PREMATURE_CLOSE|ERR_STREAM_DESTROYED)$/;

/** Statements on tables with secrets: their values, and rows that the database quotes, must not reach a log. */
const SECRET_STATEMENT = /\b(?:webhook|webhook_delivery|signing_key)\b/;

/** What an error that is expected is logged as. */
const FACTS = ['type', 'message', 'kind', 'status', 'code'] as const;

/**
 * An error as fields of a log line, redacted and shortened. What happens outside of this process (the network, a disk, an upstream, a
 * client that disconnects) is no bug: the line has its message and codes, and no stack, which would only show where it surfaced.
 */
export function loggedError(error: unknown, isExpected: (error: Error) => boolean): unknown {
  if (!(error instanceof Error)) return shortened(error);
  const fields = stdSerializers.err(error);
  const isSecret = typeof fields['query'] === 'string' && SECRET_STATEMENT.test(fields['query']);
  const isBug = !comesFromOutside(error) && !isExpected(error);
  if (isBug && !isSecret) return shortened(fields);
  const names = isBug ? [...FACTS, 'query', 'stack'] : FACTS;
  const facts = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  return shortened(Object.fromEntries(facts.map((name) => [name, fields[name]])));
}

function comesFromOutside(error: Error): boolean {
  if (isWanImageError(error) || ABORTS.has(error.name)) return true;
  const { syscall, code } = error as { readonly syscall?: unknown; readonly code?: unknown };
  return typeof syscall === 'string' || (typeof code === 'string' && CUT.test(code));
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value, { maxLength: MAX_TEXT_LENGTH });
  if (Array.isArray(value)) return value.slice(0, 20).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}
