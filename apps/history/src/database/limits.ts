/** Connections for writes, and those for reads, key checks and heartbeats, which must not wait behind writes that wait for a lock. */
export const WRITE_POOL_SIZE = 10;
export const READ_POOL_SIZE = 6;

/** How many transactions that lock keys and budgets run at the same time: the other connections stay free for outcomes. */
export const MAX_LOCKING = WRITE_POOL_SIZE - 4;

/**
 * A replica that is frozen within a transaction keeps its locks: the server ends that transaction, and the others wait for a lock longer
 * than that and no longer. No statement of these transactions is long enough to be compiled, but the planner takes each JSON object for a hundred
 * rows. `set local`, because a pooler in front of the database may share the session.
 */
export const TRANSACTION_LIMITS = `set local idle_in_transaction_session_timeout = '5s'; set local lock_timeout = '10s'; set local jit = off`;
