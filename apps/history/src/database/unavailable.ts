import { QueryFailedError } from 'typeorm';

/** SQLSTATE classes of a server that is away or out of resources: connection exceptions, resources, operator intervention. */
const UNAVAILABLE_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57']);

/** A lock that is not free in time: another attempt may succeed. */
const LOCK_NOT_AVAILABLE = '55P03';

/** The database accepts no sessions, as during a restore; a statement gets this code too, but not of the database. */
const NO_SESSIONS = /is not currently accepting connections/;

/** Classes after which nothing was committed: see `group-commit.ts`; 57P03 refuses a session, before any statement. */
const REFUSED = /^(?:22|23|25|28|3D|42|53|54|55|57P03)/;

/** Node's codes of a connection that fails. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** The driver's errors without a code. */
const NEVER_CONNECTED = /timeout exceeded when trying to connect|terminated due to connection timeout/i;
const DISCONNECTED = /connection terminated|query read timeout|connection error and is not queryable/i;

interface DriverError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly message: string;
}

function driverErrorOf(error: unknown): DriverError | null {
  if (error instanceof QueryFailedError) return error.driverError as DriverError;
  return error instanceof Error ? error : null;
}

/** Whether an error says that the database cannot be reached or cannot work, rather than that a statement is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const found = driverErrorOf(error);
  if (found === null) return false;
  const { code, syscall, message } = found;
  if ([NEVER_CONNECTED, DISCONNECTED, NO_SESSIONS].some((pattern) => pattern.test(message))) return true;
  if (typeof code !== 'string') return false;
  if (NETWORK.has(code)) return error instanceof QueryFailedError || syscall === 'connect' || syscall === 'getaddrinfo';
  return code === LOCK_NOT_AVAILABLE || (code.length === 5 && UNAVAILABLE_CLASSES.has(code.slice(0, 2)));
}

/**
 * Whether a statement that failed may have been committed, or may yet be: not if its session never began, or if the server refused it.
 */
export function mayHaveRun(error: unknown): boolean {
  const found = driverErrorOf(error);
  if (found === null) return true;
  const { code, syscall, message } = found;
  if (NEVER_CONNECTED.test(message) || syscall === 'connect' || syscall === 'getaddrinfo') return false;
  return !(typeof code === 'string' && code.length === 5 && REFUSED.test(code));
}
