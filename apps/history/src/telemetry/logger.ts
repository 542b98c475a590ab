import type { LoggerService } from '@nestjs/common';
import { redactText } from '@wan-image/core';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/config.ts';
import { currentContext } from './context.ts';
import { loggedError } from './logged-error.ts';

/** Injection token: pino's logger is an interface, not a class. */
export const LOGGER = Symbol('LOGGER');

/**
 * Structured logs, one JSON object per line. Each line has the `request_id` and the `generation_id` of the context it is logged in.
 * API keys, data URIs and signed queries are redacted from every line. Errors that are `isExpected`, or come from outside of the process,
 * have no stack.
 */
export function createLogger(
  level: LogLevel,
  destination?: DestinationStream,
  isExpected: (error: Error) => boolean = () => false,
): Logger {
  const options = {
    level,
    base: { service: 'wan-image-history' },
    mixin: contextFields,
    serializers: { err: (error: unknown) => loggedError(error, isExpected) },
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
