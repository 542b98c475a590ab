import { ConfigError, type Config } from '../config/config.ts';
import { FolderInUseError } from '../storage/folder-lock.ts';

interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly message: string;
}

/** Codes of PostgreSQL for a wrong password, an unknown user or database. */
const DATABASE_REFUSALS = new Set(['28P01', '28000', '3D000']);

/** A start that failed for a reason outside, in words that name the setting and the remedy; null where it is a fault of ours. */
export function startProblem(error: unknown, config: Config | null): string | null {
  if (error instanceof ConfigError || error instanceof FolderInUseError) return error.message;
  if (!(error instanceof Error) || config === null) return null;
  const { code, syscall, path, message } = error as SystemError;
  const { host, port } = config;
  if (code === 'EADDRINUSE')
    return `PORT ${port} on ${host} is in use: stop what listens there, or set PORT (0 takes a free one).`;
  if (code === 'EACCES' && syscall === 'listen')
    return `PORT ${port} needs rights that this user has not: set one above 1023.`;
  if (syscall === 'listen' || (syscall === 'getaddrinfo' && config.databaseUrl === null)) {
    return `HOST ${host} is no address of this machine: set HOST to one, or leave it out.`;
  }
  if (typeof path === 'string') return `DATA_DIR or STORAGE_URL cannot be used: ${message}.`;
  const isDatabase =
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    DATABASE_REFUSALS.has(String(code)) ||
    /connection timeout/i.test(message);
  if (isDatabase)
    return `DATABASE_URL leads to no database (${message}): check host, port, user and name, and that it runs.`;
  return null;
}
