import { QueryFailedError } from 'typeorm';
import { withNewContext } from '../telemetry/context.ts';

/** How many go together at most: what is wrong with one costs each of them a statement of its own. */
const MOST_TOGETHER = 32;

/** How many groups are under way at once, so that one that has to wait does not hold up all that come after it. */
const AT_ONCE = 2;

/**
 * Classes of SQLSTATE with which the database says that it has not done what it was asked: data exceptions, integrity, transaction
 * rollback, access, resources, limits, and state. Of others, such as a connection that was lost behind a pooler, it cannot be told.
 */
const REFUSALS: ReadonlySet<string> = new Set(['22', '23', '40', '42', '53', '54', '55']);

/** Of those: a rollback after which nobody knows whether there was a commit. */
const COMPLETION_UNKNOWN = '40003';

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes that come while others are under way go with the next ones, in one statement with one commit: the more there is to do at once,
 * the less each costs. One that comes alone goes at once. Where the database refuses a group, each of it goes by itself, so that one that
 * it cannot take fails alone; where it falls silent, nobody knows what was committed, and all of the group fail.
 */
export class GroupCommit<Item, Outcome> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly #waiting: Waiting<Item, Outcome>[] = [];
  #writers = 0;

  /** `write` takes all items or none, unless it can be told again what it took; it gives back what came of each, in their order. */
  constructor(write: (items: readonly Item[]) => Promise<readonly Outcome[]>) {
    this.#write = write;
  }

  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // A writer writes for all that wait, not for the request that happens to start it.
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

/** What the database said, without the statement: that holds what others have asked for, too. */
function withoutValues(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}
