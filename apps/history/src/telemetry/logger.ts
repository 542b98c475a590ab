import type { LoggerService } from '@nestjs/common';
import { redactText } from '@wan-image/core';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';

/** For injection: pino's logger has no class. */
export const LOGGER = Symbol('LOGGER');

/** Longest text inside an error that is logged, in characters: a failed query carries the whole prompt. */
const LONGEST_TEXT = 2000;

/** Structured logs, one JSON object a line. Whatever is logged, no line shows a key, a data URI or a signed query. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'wan-image-history' },
    serializers: { err: (error: Error) => shortened(stdSerializers.err(error)) },
    // Cut nothing here: half a line is no JSON.
    hooks: { streamWrite: (line: string) => redactText(line, { maxLength: Number.POSITIVE_INFINITY }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value, { maxLength: LONGEST_TEXT });
  if (Array.isArray(value)) return value.slice(0, 20).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
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
