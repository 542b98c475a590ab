/** Runs work once for all that ask for the same key while it runs: they share its result, or its error. */
export class SingleFlight<Key, Value> {
  readonly #running = new Map<Key, Promise<Value>>();

  run(key: Key, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  /** Resolves when all that runs now has ended, however it ends. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }
}
