/**
 * What happens at a shutdown, in this order:
 * - `refuse`: nothing new is taken up, and what waits for another process stops waiting;
 * - `drain`: what is running here ends;
 * - `finish`: nothing begins any more, also of what was let in before, and the last of it ends;
 * - `stop`: downloads and periodic tasks stop;
 * - `flush`: what the database did not take at its time is written;
 * - `release`: other processes may have what is left.
 */
export const SHUTDOWN_PHASES = ['refuse', 'drain', 'finish', 'stop', 'flush', 'release'] as const;
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

type Handler = () => void | Promise<void>;

/** Lets each feature say what it does at a shutdown, without a list of all of them anywhere. */
export class ShutdownPhases {
  readonly #handlers = new Map<ShutdownPhase, Handler[]>();

  /** Call it in `onModuleInit`. */
  on(phase: ShutdownPhase, handler: Handler): void {
    this.#handlers.set(phase, [...(this.#handlers.get(phase) ?? []), handler]);
  }

  /** Runs the handlers of a phase side by side. All of them run, also where one fails; then it rejects. */
  async run(phase: ShutdownPhase): Promise<void> {
    const results = await Promise.allSettled((this.#handlers.get(phase) ?? []).map(async (handler) => handler()));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length > 0) throw new AggregateError(failures, `The shutdown phase ${phase} failed`);
  }
}
