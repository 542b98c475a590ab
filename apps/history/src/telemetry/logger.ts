import type { LoggerService } from '@nestjs/common';
import { redactText } from '@wan-image/core';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';

/** For injection: pino's logger has no class. */
export const LOGGER = Symbol('LOGGER');

/** Structured logs, one JSON object a line. Whatever is logged, no line shows a key, a data URI or a signed query. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: { service: 'wan-image-history' }, hooks: { streamWrite: redactText } };
  return destination ? pino(options, destination) : pino(options);
}

/** Nest's own messages, among ours. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace') =>
    (message: unknown, ...more: unknown[]): void => {
      logger[level]({ context: more.at(-1) }, String(message));
    };
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
  };
}
