import { ConfigError, type Config } from '../config/config.ts';
import { DiskFullError } from '../storage/disk-reserve.ts';
import { FolderInUseError } from '../storage/folder-lock.ts';

interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly message: string;
}

/** SQLSTATE codes for a wrong password, an unknown user or an unknown database. */
const DATABASE_REFUSALS = new Set(['28P01', '28000', '3D000']);

/** Explains a failed start, naming the setting and the remedy; null if the cause is a bug of the service. */
export function startProblem(error: unknown, config: Config | null): string | null {
  if (error instanceof ConfigError || error instanceof FolderInUseError || error instanceof DiskFullError)
    return error.message;
  if (!(error instanceof Error) || config === null) return null;
  const { code, syscall, path, message } = error as SystemError;
  const { host, port } = config;
  if (code === 'EADDRINUSE')
    return `PORT ${port} on ${host} is in use. Stop the process that listens there, or set another PORT (0 picks a free one).`;
  if (code === 'EACCES' && syscall === 'listen')
    return `PORT ${port} requires privileges that this user does not have. Set a port above 1023.`;
  if (syscall === 'listen' || (syscall === 'getaddrinfo' && config.databaseUrl === null)) {
    return `HOST ${host} is not an address of this machine. Set it to one, or unset it.`;
  }
  if (typeof path === 'string') return `DATA_DIR or STORAGE_URL cannot be used: ${message}.`;
  const isDatabase =
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    DATABASE_REFUSALS.has(String(code)) ||
    /connection timeout/i.test(message);
  if (isDatabase)
    return `Cannot connect to the database at DATABASE_URL (${message}). Check its host, port, user and name, and that it is running.`;
  return null;
}
