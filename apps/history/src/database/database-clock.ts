/** How often the clock is compared with that of the database. */
export const CLOCK_INTERVAL_MS = 5_000;

/**
 * The time by the database's clock, which all replicas share. The clock of a process may be a day ahead, or jump, and what it judged by
 * that would be wrong for all: a key would expire early, and its request would be billed again. What is already in SQL uses `now()`; the
 * rest asks here. Between two comparisons the time is counted by a monotonic clock, so a jump of this machine's clock does not matter.
 */
export class DatabaseClock {
  readonly #read: () => Promise<number>;
  readonly #monotonic: () => number;
  /** The database's time at the origin of the monotonic clock, in milliseconds since 1970. */
  #origin: number | null = null;

  /** `read` returns the database's time in milliseconds since 1970. Call {@link sync} once before {@link now}. */
  constructor(read: () => Promise<number>, monotonic: () => number = () => performance.now()) {
    this.#read = read;
    this.#monotonic = monotonic;
  }

  now(): Date {
    if (this.#origin === null) throw new Error('The clock of the database was not read yet');
    return new Date(this.#origin + this.#monotonic());
  }

  /**
   * Reads the database's clock. The time read belongs to some moment of the query, so the present estimate stays if it lies within: a slow
   * query must not make it worse. Rejects if the database is unavailable; then the time goes on by the monotonic clock.
   */
  async sync(): Promise<void> {
    const before = this.#monotonic();
    const time = await this.#read();
    const after = this.#monotonic();
    const [earliest, latest] = [time - after, time - before];
    if (this.#origin !== null && this.#origin >= earliest && this.#origin <= latest) return;
    this.#origin = (earliest + latest) / 2;
  }
}
