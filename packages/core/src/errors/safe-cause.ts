/** Properties of system errors. Their values are addresses, codes and counts. */
const SYSTEM_KEYS = new Set(['code', 'errno', 'syscall', 'address', 'port', 'hostname', 'host', 'reason', 'connected']);

/** Maximum depth of a chain of causes that is followed. */
const MAX_DEPTH = 8;

/**
 * A cause that is safe to log. An error without secrets is returned as it is. Any other is replaced by a redacted copy of its message
 * and stack, because hosts attach whole requests, with headers and bodies, to their errors.
 */
export function safeCause(cause: unknown, redact: (text: string) => string, depth = 0): unknown {
  if (typeof cause === 'string') return redact(cause);
  if (typeof cause !== 'object' || cause === null) return typeof cause === 'function' ? undefined : cause;
  if (!(cause instanceof Error)) return new Error(redact(messageOf(cause)));
  const inner = depth < MAX_DEPTH ? safeCause(cause.cause, redact, depth + 1) : undefined;
  const several =
    cause instanceof AggregateError && depth < MAX_DEPTH
      ? cause.errors.map((one) => safeCause(one, redact, depth + 1))
      : null;
  if (isHarmless(cause, redact) && inner === cause.cause && several === null) return cause;
  return copyOf(cause, redact, inner, several);
}

function copyOf(error: Error, redact: (text: string) => string, inner: unknown, several: unknown[] | null): Error {
  const options = inner === undefined ? {} : { cause: inner };
  const message = redact(error.message);
  const copy = several === null ? new Error(message, options) : new AggregateError(several, message, options);
  copy.name = error.name;
  copy.stack = redact(error.stack ?? message);
  for (const [key, value] of systemEntries(error)) Object.defineProperty(copy, key, { value, enumerable: true });
  return copy;

  function systemEntries(of: Error): [string, unknown][] {
    return Object.entries(of)
      .filter(([key, value]) => SYSTEM_KEYS.has(key) && isPlain(value))
      .map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]);
  }
}

function isHarmless(error: Error, redact: (text: string) => string): boolean {
  const texts = [
    error.message,
    error.stack ?? '',
    ...Object.values(error).filter((value) => typeof value === 'string'),
  ];
  return (
    Object.entries(error).every(([key, value]) => SYSTEM_KEYS.has(key) && isPlain(value)) &&
    texts.every((text) => redact(text) === text)
  );
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** The message of a thrown value. Not every value can be converted to a string: some objects have no `toString`. */
export function messageOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (typeof cause !== 'object' || cause === null) return typeof cause;
  return 'message' in cause && typeof cause.message === 'string'
    ? cause.message
    : Object.prototype.toString.call(cause);
}
