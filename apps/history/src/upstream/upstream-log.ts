import type { CallInfo, Hooks } from '@wan-image/core';
import type { Logger } from 'pino';

/**
 * Logs the attempts of calls to the upstream, with their durations in milliseconds. The ids of a line come from the context of the call.
 * No key, prompt or URL is logged: URLs of images may be signed.
 */
export function logUpstream(logger: Logger): Hooks {
  return {
    request({ call: { operation }, attempt, bodyBytes }) {
      logger.debug({ operation, attempt, body_bytes: bodyBytes }, 'upstream request');
    },
    response({ call, attempt, status, requestId, durationMs }) {
      const fields = { operation: call.operation, attempt, status, upstream_request_id: requestId };
      logger[levelOf(call)]({ ...fields, duration_ms: Math.round(durationMs) }, 'upstream response');
    },
    retry({ call: { operation }, attempt, error: { kind, status }, delayMs }) {
      logger.info({ operation, attempt, kind, status, delay_ms: Math.round(delayMs) }, 'upstream retry');
    },
    error({ call: { operation }, error: { kind, status }, durationMs }) {
      logger.debug({ operation, kind, status, duration_ms: Math.round(durationMs) }, 'upstream call failed');
    },
    done({ call: { operation }, attempts, durationMs }) {
      logger.debug({ operation, attempts, duration_ms: Math.round(durationMs) }, 'upstream call completed');
    },
  };
}

/** Calls that cost money are few and worth a line each; downloads of images are many. */
function levelOf({ idempotencyKey }: CallInfo): 'info' | 'debug' {
  return idempotencyKey === null ? 'debug' : 'info';
}
