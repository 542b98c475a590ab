import { createHistoryClient, type GenerationRecord } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../support/service.ts';
import { simulatorCalls } from '../support/simulator-calls.ts';
import { requestsOf, send, sha256Of, type SeenResponse, type Request } from './requests.ts';
import {
  InvariantViolation,
  checkCalls,
  checkEvents,
  checkFiles,
  checkRecord,
  checkResponse,
  checkRetry,
  createWebhook,
  SETTLE_LIMIT_MS,
  settledRecords,
  type SentRequest,
} from './invariants.ts';
import { openInstallation, type Base, type Installation, type Kind } from './installation.ts';
import { WAITING, type CrashPoint } from './points.ts';

/** The result of one kill. */
export interface KillResult {
  readonly point: string;
  readonly sent: number;
  /** How the requests had ended once everything had settled after the restart; `none` when nothing was recorded. */
  readonly ends: readonly string[];
}

/** Time for the process to reach its point. */
const KILL_LIMIT_MS = 30_000;

/** Kills in one installation before it is swept, checked and replaced. */
const KILLS_BEFORE_SWEEP = 15;

let names = 0;

/** Uses one installation after another: kills one process after another in it, and checks what its successor makes of it. */
export class Lane {
  readonly #kind: Kind;
  readonly #base: Base;
  #installation: (Installation & AsyncDisposable) | null = null;
  #service: (Service & AsyncDisposable) | null = null;
  #webhookId: string | null = null;
  #kills = 0;
  #records: readonly GenerationRecord[] = [];
  readonly #canceled = new Set<string>();
  readonly #thumbnails = new Set<string>();
  /** The output of each sweep. */
  readonly swept: string[] = [];

  constructor(kind: Kind, base: Base) {
    this.#kind = kind;
    this.#base = base;
  }

  /** Throws an {@link InvariantViolation} that names the database and the point. */
  async kill(point: CrashPoint): Promise<KillResult> {
    try {
      return await this.#kill(point);
    } catch (error) {
      throw new InvariantViolation(`${this.#kind}, killed at "${point.name}": ${String(error)}`, { cause: error });
    }
  }

  async #kill(point: CrashPoint): Promise<KillResult> {
    const installation = (this.#installation ??= await openInstallation(this.#kind, this.#base));
    const service = (this.#service ??= await installation.start());
    this.#webhookId ??= await createWebhook(service.url);
    const name = `${++names} ${point.name}`;
    const requests = requestsOf(point.load, name);
    const times = 1 + Math.floor(Math.random() * point.most);
    if (point.load === 'spool') await installation.breakStore();
    if (point.name !== WAITING) await service.ask({ point: point.name, times });
    const sent = await this.#sendUntilKilled(service, requests, point);
    if (point.load === 'spool') await installation.repairStore();
    this.#service = await installation.start();
    const ends = await this.#check(installation, this.#service, sent, point);
    if (++this.#kills === KILLS_BEFORE_SWEEP) await this.close();
    return { point: point.name, sent: requests.length, ends };
  }

  /** Sweeps the installation, checks its files and removes it. */
  async close(): Promise<void> {
    if (this.#installation === null || this.#service === null) return;
    const code = await this.#service.kill('SIGTERM');
    if (code !== 0) throw new InvariantViolation(`The service exited with ${code}:\n${this.#service.output()}`);
    this.swept.push(await this.#installation.sweep());
    checkFiles(await this.#installation.files(), this.#records, this.#thumbnails);
    await this[Symbol.asyncDispose]();
    this.#kills = 0;
    this.#records = [];
    this.#canceled.clear();
    this.#thumbnails.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]();
    await this.#installation?.[Symbol.asyncDispose]();
    this.#service = this.#installation = this.#webhookId = null;
  }

  async #sendUntilKilled(
    service: Service,
    requests: readonly Request[],
    point: CrashPoint,
  ): Promise<readonly SentRequest[]> {
    const sending = Promise.all(
      requests.map(async (request) => ({ request, seen: await this.#send(service, request, point) })),
    );
    if (point.name === WAITING) {
      await eventually(() => this.#isUpstream(requests), KILL_LIMIT_MS);
      await service.kill('SIGKILL');
    }
    const killed = new AbortController();
    const late = sleep(KILL_LIMIT_MS, 'late', { signal: killed.signal }).catch(() => 'killed');
    if ((await Promise.race([service.exited, late])) === 'late')
      throw new InvariantViolation(`The point "${point.name}" was not reached:\n${service.output()}`);
    killed.abort();
    return sending;
  }

  async #send(service: Service, request: Request, { load }: CrashPoint): Promise<SeenResponse> {
    const seen = await send(service.url, request);
    const { generationId, urls } = seen;
    if (load === 'thumbnail' && urls?.[0] !== undefined) await fetch(`${urls[0]}&width=160`).catch(() => undefined);
    if (!request.isCanceled || generationId === null) return seen;
    this.#canceled.add(request.prompt);
    // Half of the cancellations wait until the request was sent to the upstream.
    if (Math.random() < 0.5) await this.#isSent(service, generationId).catch(() => undefined);
    await fetch(`${service.url}/v1/generations/${generationId}/cancel`, { method: 'POST' }).catch(() => undefined);
    return seen;
  }

  /** Waits until the generation is no longer queued. */
  async #isSent(service: Service, id: string): Promise<void> {
    const client = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    await eventually(async () => {
      if ((await client.get(id)).state === 'queued') throw new Error('The generation is still queued');
    });
  }

  /** Throws until the request that the upstream delays has arrived there. */
  async #isUpstream(requests: readonly Request[]): Promise<void> {
    const { data } = await simulatorCalls(this.#base.simulatorUrl);
    const waiting = requests.find(({ prompt }) => prompt.includes(' waiting '));
    if (!data.some(({ body }) => body?.['prompt'] === waiting?.prompt)) throw new Error('The request has not arrived');
  }

  async #check(
    installation: Installation,
    service: Service,
    sent: readonly SentRequest[],
    point: CrashPoint,
  ): Promise<readonly string[]> {
    if (point.name === 'image spooled') await this.#mustRecordSpool(installation, service, sent);
    const before = await settledRecords(service.url);
    const own = (request: Request): GenerationRecord | undefined =>
      before.find(({ prompt }) => prompt === request.prompt);
    for (const one of sent) checkResponse(one, before);
    if (point.name === 'request claimed') this.#mustHaveRun(sent, before);
    for (const { request } of sent) {
      if (request.key === null) continue;
      checkRetry(request, await send(service.url, request), own(request));
    }
    if (point.load === 'thumbnail' && Math.random() < 0.5) await this.#thumbnail(before, sent);
    this.#records = await settledRecords(service.url);
    if (this.#webhookId !== null) await checkEvents(service.url, this.#webhookId, this.#records);
    const prompts = new Set(sent.map(({ request }) => request.prompt));
    for (const record of this.#records) {
      if (prompts.has(record.prompt)) await checkRecord(record, this.#canceled.has(record.prompt));
    }
    const requests = sent.map(({ request }) => request);
    await checkCalls(this.#base.simulatorUrl, requests);
    return requests.map((request) => {
      const record = own(request);
      return record === undefined ? 'none' : `${record.state} ${record.outcome}`;
    });
  }

  /** The next process runs what was queued when this one was killed. */
  #mustHaveRun(sent: readonly SentRequest[], records: readonly GenerationRecord[]): void {
    for (const { request } of sent.filter((one) => one.request.isAsync)) {
      const record = records.find(({ prompt }) => prompt === request.prompt);
      if (record?.state !== 'succeeded')
        throw new InvariantViolation(`A queued generation has not succeeded: ${JSON.stringify(record)}`);
    }
  }

  /** A spooled image gets into the record of its generation, though its row had not been written. */
  async #mustRecordSpool(installation: Installation, service: Service, sent: readonly SentRequest[]): Promise<void> {
    const prompts = new Set(sent.map(({ request }) => request.prompt));
    await eventually(async () => {
      const waiting = await installation.spooled();
      if (waiting.length > 0) throw new InvariantViolation(`Images are still in the spool: ${String(waiting)}`);
    }, SETTLE_LIMIT_MS);
    const own = (await settledRecords(service.url)).filter(({ prompt }) => prompts.has(prompt));
    if (own.every(({ images }) => images.length === 0))
      throw new InvariantViolation(`A spooled image is in no record: ${JSON.stringify(own)}`);
  }

  /** Requests the thumbnail that was being written when the process was killed. Without a request its file is for the sweep. */
  async #thumbnail(records: readonly GenerationRecord[], sent: readonly SentRequest[]): Promise<void> {
    for (const { request, seen } of sent) {
      const url = records.find(({ prompt }) => prompt === request.prompt)?.images[0]?.url;
      if (seen.urls === null || url === undefined) continue;
      this.#thumbnails.add(sha256Of(new Uint8Array(await (await fetch(`${url}&width=160`)).arrayBuffer())));
    }
  }
}
