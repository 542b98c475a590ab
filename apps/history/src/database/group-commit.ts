import { QueryFailedError } from 'typeorm';
import { withNewContext } from '../telemetry/context.ts';

/** Maximum items per batch: if one item is rejected, each item of its batch costs a statement of its own. */
const MOST_TOGETHER = 32;

/** Maximum batches in flight: with more than one, a batch that has to wait does not block all later ones. */
const AT_ONCE = 2;

/**
 * SQLSTATE classes that guarantee that the statement was not committed: data exceptions, integrity, transaction rollback, access,
 * resources, limits, and state. After other errors, such as a connection lost behind a pooler, the outcome is unknown.
 */
const REFUSALS: ReadonlySet<string> = new Set(['22', '23', '40', '42', '53', '54', '55']);

/** The exception in these classes: after this error it is unknown whether the transaction was committed. */
const COMPLETION_UNKNOWN = '40003';

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Batches concurrent writes into one statement and one commit (group commit): writes that arrive while others are in flight go into the
 * next batch, so each costs less under load. A single write starts at once. If the database rejects a batch, its items are written one by
 * one, so only the invalid ones fail. If the outcome is unknown, all items of the batch fail: they may have been committed.
 */
export class GroupCommit<Item, Outcome> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly #waiting: Waiting<Item, Outcome>[] = [];
  #writers = 0;

  /** `write` must be atomic, or safe to repeat for items that it has already written. It returns the outcomes in the order of the items. */
  constructor(write: (items: readonly Item[]) => Promise<readonly Outcome[]>) {
    this.#write = write;
  }

  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // A writer writes the items of all requests, so it must not inherit the context of the request that starts it.
      if (this.#writers < AT_ONCE) void withNewContext({}, () => this.#writeUntilNoneWaits());
    });
  }

  async #writeUntilNoneWaits(): Promise<void> {
    this.#writers++;
    while (this.#waiting.length > 0) await this.#writeTogether(this.#waiting.splice(0, MOST_TOGETHER));
    this.#writers--;
  }

  /** Never rejects. */
  async #writeTogether(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#write(group.map(({ item }) => item));
      // There are as many outcomes as items.
      for (const [index, { resolve }] of group.entries()) resolve(outcomes[index] as Outcome);
    } catch (error) {
      if (group.length > 1 && isRefusal(error)) await Promise.all(group.map((one) => this.#writeTogether([one])));
      else for (const { reject } of group) reject(withoutValues(error));
    }
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { readonly code?: unknown };
  return typeof code === 'string' && code !== COMPLETION_UNKNOWN && code.length === 5 && REFUSALS.has(code.slice(0, 2));
}

/** The error of the database without the statement, which contains values of other requests too. */
function withoutValues(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}
