/** Runs work once per key at a time: calls with a key that is in flight share its result or its error. */
export class SingleFlight<Key, Value> {
  readonly #running = new Map<Key, Promise<Value>>();

  run(key: Key, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  has(key: Key): boolean {
    return this.#running.has(key);
  }

  /** Resolves when all work now in flight has ended, whether it succeeds or fails. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }
}
