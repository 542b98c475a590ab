import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** How long a retry waits for requests that arrived before it; limited because the connection of one may be dead. */
const MAX_WAIT_MS = 30_000;

interface Arrival {
  readonly contentLength: number | null;
  readonly read: Promise<unknown>;
}

/** Tracks requests whose bodies are being read. A retry may finish reading before its original request, but must not overtake it. */
@Injectable()
export class ArrivalOrder {
  readonly #reading = new Set<Arrival>();

  /** Reads a body. A retry then waits for bodies of the same length that began to arrive before it. */
  async read<T>(contentLength: number | null, isRetry: boolean, work: () => Promise<T>): Promise<T> {
    const before = [...this.#reading].filter((other) => isRetry && other.contentLength === contentLength);
    const reading = work();
    const arrival = { contentLength, read: reading };
    this.#reading.add(arrival);
    try {
      return await reading;
    } finally {
      this.#reading.delete(arrival);
      if (before.length > 0) await settledOf(before);
    }
  }
}

async function settledOf(arrivals: readonly Arrival[]): Promise<void> {
  const enough = new AbortController();
  const limit = sleep(MAX_WAIT_MS, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
  await Promise.race([Promise.allSettled(arrivals.map(({ read }) => read)), limit]);
  enough.abort();
  // Lets requests that awaited one of these bodies continue first.
  await immediate();
}
