import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { ApiError } from '../domain/api-error.ts';
import { NotAnImageError } from '../images/unrecognized-bytes.ts';
import { createLogger } from '../telemetry/logger.ts';

/** The log of the service, which knows the failures of every part that are no bugs. Without a destination, standard output. */
export function createServiceLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const isExpected = (error: Error): boolean =>
    error instanceof ApiError || error instanceof NotAnImageError || isDatabaseUnavailable(error);
  return createLogger(level, destination, isExpected);
}
