import { MAX_SEED, type GenerationRecord } from '@wan-image/core';
import { client } from '../api/client.ts';
import { randomId, randomNumber } from '../api/random-id.ts';
import { sendPaid } from './paid.ts';

/** A generation that was sent again. */
export interface Rerun {
  readonly record: GenerationRecord;
  /** Null if it was sent without one. */
  readonly seed: number | null;
}

/** Which seed the request has when it is sent again. */
export type RerunSeed = 'same' | 'another';

/**
 * Sends the request of a generation again, as the one paid request of that name: whatever happens to the connection or the page, it is carried
 * out once.
 */
export async function startRerun(
  { id, request }: Pick<GenerationRecord, 'id' | 'request'>,
  seed: RerunSeed,
): Promise<Rerun> {
  return sendPaid({
    name: `rerun ${id} ${seed}`,
    newKey: randomId,
    newPayload: () => (seed === 'another' ? randomNumber(MAX_SEED) : null),
    async send(other, idempotencyKey) {
      const overrides = other === null ? {} : { seed: other };
      const record = await client.rerun(id, overrides, { idempotencyKey, retry: { unknownOutcomes: true } });
      return { record, seed: other ?? (typeof request['seed'] === 'number' ? request['seed'] : null) };
    },
  });
}
