/** The response header of a replay. */
export const REPLAYED = 'idempotent-replayed';
