import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { StreamedResponse } from '../response/response-stream.ts';

/** How long an SDK may take to send again, its own pauses included, and how many responses wait for that at most. */
const ORPHAN_TTL_MS = 10 * 60_000;
const MAX_ORPHANS = 10_000;

/**
 * How far a run has come: `submitted` (nothing is recorded yet), `recording`, `active` (queued for a slot, or running). Only what is
 * recording or active is in flight.
 */
type RunPhase = 'submitted' | 'recording' | 'active';

/** What this process knows of one generation, from the moment it is submitted or claimed until its response is complete. */
export class Run {
  phase: RunPhase = 'submitted';
  /** Aborts to cancel the generation. */
  readonly cancellation = new AbortController();
  /** How many clients wait for its response. */
  waiters = 0;
  /** Null as long as it has no row. */
  generationId: string | null = null;
  readonly #id = Promise.withResolvers<string>();
  readonly #response = Promise.withResolvers<StreamedResponse | null>();

  constructor(
    /** By what an equal request is found; null where none may join. */
    readonly dedupeKey: string | null,
    /** Whether a client waits for it, so that it is not left to the next process at a shutdown. */
    readonly hasClient: boolean,
  ) {
    // Prevents an unhandledRejection when no request awaits them.
    this.#id.promise.catch(() => undefined);
    this.#response.promise.catch(() => undefined);
  }

  /** The id of its generation, once there is one. Rejects where the request is refused before. */
  get id(): Promise<string> {
    return this.#id.promise;
  }

  /** With the first image or the end; null where the generation ended, or runs, elsewhere: its record tells. */
  get response(): Promise<StreamedResponse | null> {
    return this.#response.promise;
  }

  assignId(id: string): void {
    this.#id.resolve(id);
  }

  respondWith(response: Promise<StreamedResponse | null>): void {
    this.#response.resolve(response);
  }

  /** Nothing was begun. */
  fail(error: unknown): void {
    this.#id.reject(error);
    this.#response.reject(error);
  }
}

/** The one register of what this process does: one entry a generation, and the responses that no client has received. */
@Injectable()
export class RunRegistry {
  readonly #byId = new Map<string, Run>();
  readonly #byDedupeKey = new Map<string, Run>();
  readonly #runs = new Set<Run>();
  readonly #orphans = new LRUCache<string, string>({ max: MAX_ORPHANS, ttl: ORPHAN_TTL_MS });
  #changed = Promise.withResolvers<void>();

  /** A request that has come, before it has a row: equal requests find it at once. */
  submit(dedupeKey: string, hasClient: boolean): Run {
    const run = new Run(dedupeKey, hasClient);
    this.#runs.add(run);
    this.#byDedupeKey.set(dedupeKey, run);
    return run;
  }

  /** A generation of the queue that this process is about to claim; null where it is here already. */
  claim(id: string): Run | null {
    if (this.#byId.has(id)) return null;
    const run = new Run(null, false);
    this.#runs.add(run);
    this.#index(run, id);
    return run;
  }

  /** The run has a row from now on. */
  activate(run: Run, id: string): void {
    run.phase = 'active';
    this.#index(run, id);
  }

  get(id: string): Run | undefined {
    return this.#byId.get(id);
  }

  /** The last run of an equal request. */
  findEqual(dedupeKey: string): Run | undefined {
    return this.#byDedupeKey.get(dedupeKey);
  }

  /** The response is complete, or there will be none from here. */
  remove(run: Run): void {
    const { dedupeKey, generationId } = run;
    this.#runs.delete(run);
    if (dedupeKey !== null && this.#byDedupeKey.get(dedupeKey) === run) this.#byDedupeKey.delete(dedupeKey);
    if (generationId !== null && this.#byId.get(generationId) === run) this.#byId.delete(generationId);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Ids of the generations that are queued or running here and for which no client waits. */
  get withoutClient(): readonly string[] {
    return [...this.#byId].filter(([, { hasClient }]) => !hasClient).map(([id]) => id);
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** How many generations are being recorded, queued or running here. */
  get inFlight(): number {
    let count = 0;
    for (const { phase } of this.#runs) if (phase !== 'submitted') count++;
    return count;
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    while (this.inFlight > 0) await this.#changed.promise;
  }

  /** A client has disconnected before it had this response: an SDK that sends the request again gets it. */
  addOrphan(dedupeKey: string, id: string): void {
    this.#orphans.set(dedupeKey, id);
  }

  /** Another client waits for it, and will have it. */
  forgetOrphan(dedupeKey: string): void {
    this.#orphans.delete(dedupeKey);
  }

  /** Once: whoever takes it responds with it, or adds it again. Null where there is none. */
  takeOrphan(dedupeKey: string): string | null {
    const id = this.#orphans.get(dedupeKey) ?? null;
    this.#orphans.delete(dedupeKey);
    return id;
  }

  #index(run: Run, id: string): void {
    run.generationId = id;
    run.assignId(id);
    this.#byId.set(id, run);
  }
}
