import type { LoggerService } from '@nestjs/common';
import { redactText } from '@wan-image/core';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';
import { currentContext } from './context.ts';

/** Injection token: pino's logger is an interface, not a class. */
export const LOGGER = Symbol('LOGGER');

/** Maximum length of a text inside a logged error, in characters: the error of a failed query contains the whole prompt. */
const MAX_TEXT_LENGTH = 2000;

/**
 * Structured logs, one JSON object per line. Each line has the `request_id` and the `generation_id` of the context it is logged in.
 * API keys, data URIs and signed queries are redacted from every line.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'wan-image-history' },
    mixin: contextFields,
    serializers: { err: (error: Error) => shortened(stdSerializers.err(error)) },
    // Never truncates here: half a line is not valid JSON.
    hooks: { streamWrite: (line: string) => redactText(line, { maxLength: Number.POSITIVE_INFINITY }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** A new object for each line, because pino merges the fields of the line into it. Pino leaves out what is undefined. */
function contextFields(): object {
  const { requestId, generationId } = currentContext();
  return { request_id: requestId, generation_id: generationId };
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value, { maxLength: MAX_TEXT_LENGTH });
  if (Array.isArray(value)) return value.slice(0, 20).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}

/** Writes Nest's messages to the same log. */
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
