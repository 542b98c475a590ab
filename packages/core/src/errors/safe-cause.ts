/** Keys that system errors print, with values that are addresses, codes and counts. */
const SYSTEM_KEYS = new Set(['code', 'errno', 'syscall', 'address', 'port', 'hostname', 'host', 'reason', 'connected']);

/** How far a chain of causes is followed. */
const DEEPEST = 8;

/**
 * A cause that can be printed in every way. One that holds nothing to hide is kept as it is; of another there remains a copy of
 * what it says, because hosts put whole requests, with headers and bodies, on their errors.
 */
export function safeCause(cause: unknown, redact: (text: string) => string, depth = 0): unknown {
  if (typeof cause === 'string') return redact(cause);
  if (typeof cause !== 'object' || cause === null) return typeof cause === 'function' ? undefined : cause;
  if (!(cause instanceof Error)) return new Error(redact(messageOf(cause)));
  const inner = depth < DEEPEST ? safeCause(cause.cause, redact, depth + 1) : undefined;
  const several =
    cause instanceof AggregateError && depth < DEEPEST
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

/** What was thrown, in words. Not everything can be printed: some objects have no `toString`. */
export function messageOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (typeof cause !== 'object' || cause === null) return typeof cause;
  return 'message' in cause && typeof cause.message === 'string'
    ? cause.message
    : Object.prototype.toString.call(cause);
}
