import { createHistoryClient, type GenerationRecord } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../support/service.ts';
import { requestsOf, send, sha256Of, type SeenResponse, type Request } from './asking.ts';
import {
  Broken,
  checkCalls,
  checkFiles,
  checkRecord,
  checkResponse,
  checkSentAgain,
  REST_MS,
  recordsAtRest,
  type Asked,
} from './invariants.ts';
import { openPlace, type Ground, type Kind, type Place } from './place.ts';
import { WAITING, type CrashPoint } from './points.ts';

/** What one kill came to. */
export interface KillResult {
  readonly point: string;
  readonly sent: number;
  /** How they had ended when all was at rest after the restart: `none` where nothing was recorded. */
  readonly ends: readonly string[];
}

/** How long a process may live when its point has come. */
const DEATH_MS = 30_000;

/** How many kills one place is for before it is swept, looked through and left for a new one. */
const KILLS_BEFORE_SWEEP = 15;

let names = 0;

/** One place after the other, in which one process after the other is killed and its successor looked at. */
export class Lane {
  readonly #kind: Kind;
  readonly #ground: Ground;
  #place: (Place & AsyncDisposable) | null = null;
  #service: (Service & AsyncDisposable) | null = null;
  #kills = 0;
  #records: readonly GenerationRecord[] = [];
  readonly #canceled = new Set<string>();
  readonly #thumbnails = new Set<string>();
  /** What the sweep has found to do in all. */
  readonly swept: string[] = [];

  constructor(kind: Kind, ground: Ground) {
    this.#kind = kind;
    this.#ground = ground;
  }

  /** Throws, with the name of the point, what does not hold. */
  async kill(point: CrashPoint): Promise<KillResult> {
    try {
      return await this.#kill(point);
    } catch (error) {
      throw new Broken(`On ${this.#kind}, killed at "${point.name}": ${String(error)}`, { cause: error });
    }
  }

  async #kill(point: CrashPoint): Promise<KillResult> {
    const place = (this.#place ??= await openPlace(this.#kind, this.#ground));
    const service = (this.#service ??= await place.start());
    const name = `${++names} ${point.name}`;
    const requests = requestsOf(point.load, name);
    const times = 1 + Math.floor(Math.random() * point.most);
    if (point.load === 'spool') await place.breakStore();
    if (point.name !== WAITING) await service.ask({ point: point.name, times });
    const asked = await this.#askUntilItDies(service, requests, point);
    if (point.load === 'spool') await place.mendStore();
    this.#service = await place.start();
    const ends = await this.#check(place, this.#service, asked, point);
    if (++this.#kills === KILLS_BEFORE_SWEEP) await this.close();
    return { point: point.name, sent: requests.length, ends };
  }

  /** Sweeps the place, looks through it, and leaves it. */
  async close(): Promise<void> {
    if (this.#place === null || this.#service === null) return;
    const code = await this.#service.kill('SIGTERM');
    if (code !== 0) throw new Broken(`It ended with ${code}:\n${this.#service.output()}`);
    this.swept.push(await this.#place.sweep());
    checkFiles(await this.#place.files(), this.#records, this.#thumbnails);
    await this[Symbol.asyncDispose]();
    this.#kills = 0;
    this.#records = [];
    this.#canceled.clear();
    this.#thumbnails.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]();
    await this.#place?.[Symbol.asyncDispose]();
    this.#service = this.#place = null;
  }

  async #askUntilItDies(service: Service, requests: readonly Request[], point: CrashPoint): Promise<readonly Asked[]> {
    const asking = Promise.all(
      requests.map(async (request) => ({ request, seen: await this.#ask(service, request, point) })),
    );
    if (point.name === WAITING) {
      await eventually(() => this.#isUpstream(requests), DEATH_MS);
      await service.kill('SIGKILL');
    }
    const lived = new AbortController();
    const late = sleep(DEATH_MS, 'late', { signal: lived.signal }).catch(() => 'dead');
    if ((await Promise.race([service.gone, late])) === 'late')
      throw new Broken(`The point "${point.name}" was not reached:\n${service.output()}`);
    lived.abort();
    return asking;
  }

  async #ask(service: Service, request: Request, { load }: CrashPoint): Promise<SeenResponse> {
    const seen = await send(service.url, request);
    const { generationId, urls } = seen;
    if (load === 'thumbnail' && urls?.[0] !== undefined) await fetch(`${urls[0]}&width=160`).catch(() => undefined);
    if (!request.isCanceled || generationId === null) return seen;
    this.#canceled.add(request.prompt);
    // Now while it may wait still, now when it was sent.
    if (Math.random() < 0.5) await this.#isSent(service, generationId).catch(() => undefined);
    await fetch(`${service.url}/v1/generations/${generationId}/cancel`, { method: 'POST' }).catch(() => undefined);
    return seen;
  }

  /** Waits until it is no longer queued. */
  async #isSent(service: Service, id: string): Promise<void> {
    const client = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    await eventually(async () => {
      if ((await client.get(id)).state === 'queued') throw new Error('It is queued');
    });
  }

  /** Throws while the one that waits has not come to the upstream. */
  async #isUpstream(requests: readonly Request[]): Promise<void> {
    const response = await fetch(`${this.#ground.simulatorUrl}/simulator/calls`);
    const { data } = (await response.json()) as { data: { body: { prompt?: string } | null }[] };
    const waiting = requests.find(({ prompt }) => prompt.includes(' waiting '));
    if (!data.some(({ body }) => body?.prompt === waiting?.prompt)) throw new Error('It has not come');
  }

  async #check(place: Place, service: Service, asked: readonly Asked[], point: CrashPoint): Promise<readonly string[]> {
    if (point.name === 'image spooled') await this.#mustKeep(place, service, asked);
    const before = await recordsAtRest(service.url);
    const own = (request: Request): GenerationRecord | undefined =>
      before.find(({ prompt }) => prompt === request.prompt);
    for (const one of asked) checkResponse(one, before);
    if (point.name === 'request adopted') this.#mustHaveRun(asked, before);
    for (const { request } of asked) {
      if (request.key === null) continue;
      checkSentAgain(request, await send(service.url, request), own(request));
    }
    if (point.load === 'thumbnail' && Math.random() < 0.5) await this.#thumbnail(before, asked);
    this.#records = await recordsAtRest(service.url);
    const prompts = new Set(asked.map(({ request }) => request.prompt));
    for (const record of this.#records) {
      if (prompts.has(record.prompt)) await checkRecord(record, this.#canceled.has(record.prompt));
    }
    const requests = asked.map(({ request }) => request);
    await checkCalls(this.#ground.simulatorUrl, requests);
    return requests.map((request) => {
      const record = own(request);
      return record === undefined ? 'none' : `${record.state} ${record.outcome}`;
    });
  }

  /** What was only waiting when the process died is made by the next. */
  #mustHaveRun(asked: readonly Asked[], records: readonly GenerationRecord[]): void {
    for (const { request } of asked.filter((one) => one.request.isAsync)) {
      const record = records.find(({ prompt }) => prompt === request.prompt);
      if (record?.state !== 'succeeded') throw new Broken(`What waited was not made: ${JSON.stringify(record)}`);
    }
  }

  /** What was in the spool comes into the record of its generation, though its row had not been written. */
  async #mustKeep(place: Place, service: Service, asked: readonly Asked[]): Promise<void> {
    const prompts = new Set(asked.map(({ request }) => request.prompt));
    await eventually(async () => {
      const waiting = await place.spooled();
      if (waiting.length > 0) throw new Broken(`It is in the spool still: ${String(waiting)}`);
    }, REST_MS);
    const own = (await recordsAtRest(service.url)).filter(({ prompt }) => prompts.has(prompt));
    if (own.every(({ images }) => images.length === 0))
      throw new Broken(`What was spooled is in no record: ${JSON.stringify(own)}`);
  }

  /** Now and then somebody asks again for the thumbnail that was being written; else its file is for the sweep. */
  async #thumbnail(records: readonly GenerationRecord[], asked: readonly Asked[]): Promise<void> {
    for (const { request, seen } of asked) {
      const url = records.find(({ prompt }) => prompt === request.prompt)?.images[0]?.url;
      if (seen.urls === null || url === undefined) continue;
      this.#thumbnails.add(sha256Of(new Uint8Array(await (await fetch(`${url}&width=160`)).arrayBuffer())));
    }
  }
}
