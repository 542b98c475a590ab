import { Injectable } from '@nestjs/common';
import type { StreamedResponse } from '../response/response-stream.ts';

/**
 * The phase of a run: `submitted` (nothing is recorded yet), `recording`, `active` (queued for a slot, or running). Only a run that is
 * recording or active is in flight.
 */
type RunPhase = 'submitted' | 'recording' | 'active';

/** One generation in this process, from its submission or claim until its response is complete. */
export class Run {
  phase: RunPhase = 'submitted';
  /** Aborts to cancel the generation. */
  readonly cancellation = new AbortController();
  /** The number of clients that wait for the response. */
  waiters = 0;
  /** Null until there is a row. */
  generationId: string | null = null;
  readonly #id = Promise.withResolvers<string>();
  readonly #response = Promise.withResolvers<StreamedResponse | null>();

  constructor(
    /** The key by which equal requests find this run; null if none may join. */
    readonly dedupeKey: string | null,
    /** Whether it was submitted by a client that waits. If so, it is not released to the next process at shutdown. */
    readonly hasClient: boolean,
  ) {
    // Prevents an unhandledRejection when no request awaits these promises.
    this.#id.promise.catch(() => undefined);
    this.#response.promise.catch(() => undefined);
  }

  /** Resolves to the id of its generation once there is one. Rejects if the request is refused before. */
  get id(): Promise<string> {
    return this.#id.promise;
  }

  /** Resolves with the first image or at the end. Null if the generation ended or runs elsewhere: then read its record. */
  get response(): Promise<StreamedResponse | null> {
    return this.#response.promise;
  }

  assignId(id: string): void {
    this.#id.resolve(id);
  }

  respondWith(response: Promise<StreamedResponse | null>): void {
    this.#response.resolve(response);
  }

  /** The request was refused before its generation began. */
  fail(error: unknown): void {
    this.#id.reject(error);
    this.#response.reject(error);
  }
}

/** The registry of this process: one entry per generation. */
@Injectable()
export class RunRegistry {
  readonly #byId = new Map<string, Run>();
  readonly #runs = new Set<Run>();
  #changed = Promise.withResolvers<void>();

  /** Registers a request before it has a row, so that equal requests find it immediately. */
  submit(dedupeKey: string | null, hasClient: boolean): Run {
    const run = new Run(dedupeKey, hasClient);
    this.#runs.add(run);
    return run;
  }

  /** Registers a queued generation that this process is about to claim. Null if it is registered already. */
  claim(id: string): Run | null {
    if (this.#byId.has(id)) return null;
    const run = new Run(null, false);
    this.#runs.add(run);
    this.#index(run, id);
    return run;
  }

  /** Marks the run as active: it has a row from now on. */
  activate(run: Run, id: string): void {
    run.phase = 'active';
    this.#index(run, id);
  }

  get(id: string): Run | undefined {
    return this.#byId.get(id);
  }

  /** The most recent run of an equal request, apart from `others`. */
  findEqual(dedupeKey: string, others: ReadonlySet<Run> = new Set()): Run | undefined {
    // Not a map: of several equal requests, those that remain must still be found when the most recent one is removed.
    return [...this.#runs].findLast((run) => run.dedupeKey === dedupeKey && !others.has(run));
  }

  /** Call this when the response is complete, or when this process will not produce one. */
  remove(run: Run): void {
    const { generationId } = run;
    this.#runs.delete(run);
    if (generationId !== null && this.#byId.get(generationId) === run) this.#byId.delete(generationId);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** The ids of generations queued or running in this process without a waiting client. */
  get withoutClient(): readonly string[] {
    return [...this.#byId].filter(([, { hasClient }]) => !hasClient).map(([id]) => id);
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** The number of generations being recorded, queued or running in this process. */
  get inFlight(): number {
    let count = 0;
    for (const { phase } of this.#runs) if (phase !== 'submitted') count++;
    return count;
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    while (this.inFlight > 0) await this.#changed.promise;
  }

  #index(run: Run, id: string): void {
    run.generationId = id;
    run.assignId(id);
    this.#byId.set(id, run);
  }
}
