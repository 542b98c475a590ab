/**
 * The phases of a shutdown, in order:
 * - `refuse`: no queued generation is claimed, and waits for other processes end;
 * - `drain`: generations in flight in this process end;
 * - `finish`: nothing starts any more, not even requests that were accepted earlier, and the last generations end;
 * - `stop`: downloads and periodic tasks stop;
 * - `flush`: the write-behind buffer is written to the database;
 * - `release`: the worker lease is released, so that other processes can claim what remains.
 */
export type ShutdownPhase = 'refuse' | 'drain' | 'finish' | 'stop' | 'flush' | 'release';

type Handler = () => void | Promise<void>;

/** A registry in which each feature registers its own shutdown handlers. */
export class ShutdownPhases {
  readonly #handlers = new Map<ShutdownPhase, Handler[]>();

  /** Call it in `onModuleInit`. */
  on(phase: ShutdownPhase, handler: Handler): void {
    this.#handlers.set(phase, [...(this.#handlers.get(phase) ?? []), handler]);
  }

  /** Runs the handlers of a phase concurrently. All of them run even if one fails; then it rejects. */
  async run(phase: ShutdownPhase): Promise<void> {
    const results = await Promise.allSettled((this.#handlers.get(phase) ?? []).map(async (handler) => handler()));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, `The shutdown phase ${phase} failed`);
  }
}
