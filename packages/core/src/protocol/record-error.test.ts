import { describe, expect, test } from 'vitest';
import { RESPONSE_EXAMPLES } from '../contract/examples.ts';
import type { GenerationRecord } from '../contract/generation-types.ts';
import { errorOfGeneration } from './record-error.ts';

const { Generation } = RESPONSE_EXAMPLES as unknown as { Generation: GenerationRecord };

function failed(
  code: string | null,
  status: number | null,
  outcome: GenerationRecord['outcome'],
  more: Partial<GenerationRecord> = {},
): GenerationRecord {
  const error = { type: 'upstream_error', code, message: 'It went wrong.', param: null };
  return {
    ...Generation,
    state: 'failed',
    outcome,
    error,
    images: [],
    upstream: { ...Generation.upstream, status },
    ...more,
  };
}

describe('the error of a record', () => {
  test.each([
    ['a refusal of the upstream', failed('insufficient_user_quota', 402, 'not_billed'), 'out_of_credit'],
    ['moderation, with any status', failed('DataInspectionFailed', 400, 'not_billed'), 'content_refused'],
    ['a failure of the upstream', failed(null, 500, 'unknown'), 'server_failed'],
    ['a connection that was lost', failed('connection_lost', null, 'unknown'), 'connection_lost'],
    ['a timeout that was billed', failed('timed_out', null, 'billed'), 'timed_out'],
    // The client's own key is valid.
    ['the key of the service', failed('authentication', 401, 'not_billed'), 'server_failed'],
    ['a cancellation', failed('canceled', null, 'not_billed', { state: 'canceled' }), 'canceled'],
    ['no error at all', failed(null, null, 'not_billed', { error: null }), 'server_failed'],
  ])('of %s has the kind and the outcome of the record', (_what, record, kind) => {
    const { message, ...error } = errorOfGeneration(record);
    expect(error).toMatchObject({ kind, outcome: record.outcome, retryable: false });
    expect(error.headers['x-generation-id']).toBe(record.id);
    expect(message.includes('It may have been billed')).toBe(record.outcome === 'unknown');
  });
});
