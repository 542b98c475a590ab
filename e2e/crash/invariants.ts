import { createHistoryClient, type GenerationRecord, type WebhookDelivery } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { simulatorCalls } from '../support/simulator-calls.ts';
import { sha256Of, type SeenResponse, type Request } from './requests.ts';

/** A request, and what its client saw before the process was killed. */
export interface SentRequest {
  readonly request: Request;
  readonly seen: SeenResponse;
}

/** Time for all generations to end after a restart: some periodic tasks run once a minute. */
export const SETTLE_LIMIT_MS = 100_000;

export class InvariantViolation extends Error {}

function must(holds: boolean, violation: string, facts: unknown): asserts holds {
  if (!holds) throw new InvariantViolation(`${violation}: ${JSON.stringify(facts)}`);
}

/** All records, as soon as every generation has ended and no image is pending. */
export async function settledRecords(url: string): Promise<readonly GenerationRecord[]> {
  const client = createHistoryClient({ baseUrl: url, apiKey: 'none' });
  let records: GenerationRecord[] = [];
  await eventually(async () => {
    records = [];
    for await (const record of client.list({ limit: 100 })) records.push(record);
    for (const record of records) {
      const { state, images } = record;
      must(state !== 'queued' && state !== 'running', 'a generation has not ended', record);
      for (const image of images) {
        // A request for a pending image makes the service fetch it.
        if (image.state === 'pending') await (await fetch(image.url ?? '')).arrayBuffer();
        must(image.state !== 'pending', 'an image is still pending', record);
      }
    }
  }, SETTLE_LIMIT_MS);
  return records;
}

/** A webhook whose deliveries are kept as they are: nothing listens there. */
export async function createWebhook(url: string): Promise<string> {
  const { webhooks } = createHistoryClient({ baseUrl: url, apiKey: 'none' });
  return (await webhooks.create({ url: 'http://127.0.0.1:9/' })).id;
}

const ENDS = new Set<string>(['generation.succeeded', 'generation.failed', 'generation.canceled']);

/** There is one event of each recorded end, none of what did not happen, and the statistics count each end once. */
export async function checkEvents(url: string, webhookId: string, records: readonly GenerationRecord[]): Promise<void> {
  const client = createHistoryClient({ baseUrl: url, apiKey: 'none' });
  await eventually(async () => {
    const events: WebhookDelivery[] = [];
    for (let cursor: string | undefined; ;) {
      const { data, next_cursor } = await client.webhooks.deliveries(webhookId, {
        limit: 100,
        ...(cursor && { cursor }),
      });
      events.push(...data);
      if (next_cursor === null) break;
      cursor = next_cursor;
    }
    must(
      events.every((event) => records.some(({ id }) => id === event.generation_id)),
      'there is an event of no generation',
      events,
    );
    for (const { id, state, outcome } of records) {
      const types = events.filter((event) => event.generation_id === id).map(({ type }) => type);
      const facts = { id, state, outcome, types };
      must(types.filter((type) => ENDS.has(type)).length === 1, 'an end has not one event', facts);
      // The true end of what was considered interrupted.
      const isReplaced = types.includes('generation.resolved');
      must(isReplaced || types.includes(`generation.${state}`), 'the event is of another end', facts);
      must(!isReplaced || types.includes('generation.failed'), 'an end was replaced that there was not', facts);
      must(types.length === (isReplaced ? 2 : 1), 'there are more events than ends', facts);
    }
    const { data } = await client.stats();
    const counted = data.flatMap(({ generations }) => Object.values(generations)).reduce((sum, one) => sum + one, 0);
    const images = data.reduce((sum, row) => sum + row.images, 0);
    must(counted === records.length, 'the statistics count another number of ends', {
      counted,
      records: records.length,
    });
    const recorded = records.reduce((sum, record) => sum + record.images.length, 0);
    must(images === recorded, 'the statistics count another number of images', { images, recorded });
  }, SETTLE_LIMIT_MS);
}

/** Invariants of every record, whatever its client has seen. */
export async function checkRecord(record: GenerationRecord, isCanceled: boolean): Promise<void> {
  const { state, outcome, sent_at, images, input_images } = record;
  const end = `${state} ${outcome}`;
  const allowed =
    sent_at === null
      ? ['canceled not_billed']
      : ['succeeded billed', 'failed unknown', ...(isCanceled ? ['canceled unknown'] : [])];
  must(allowed.includes(end), 'a generation has an end that is not allowed', record);
  const stored = input_images.filter(({ kind }) => kind === 'stored');
  for (const { url, sha256 } of [...images, ...stored]) {
    const response = await fetch(url ?? '');
    const bytes = new Uint8Array(await response.arrayBuffer());
    must(response.status === 200 && sha256Of(bytes) === sha256, 'an image differs from its record', {
      status: response.status,
      record,
    });
  }
  must(
    images.every((image) => image.state === 'stored'),
    'an image is not stored',
    record,
  );
}

/** Everything that was acknowledged to the client still holds. */
export function checkResponse({ request, seen }: SentRequest, records: readonly GenerationRecord[]): void {
  const own = records.filter(({ prompt }) => prompt === request.prompt);
  const [record] = own;
  must(own.length <= 1, 'a request has several records', own);
  const { status, generationId, images, urls } = seen;
  const facts = { request: request.prompt, seen, record };
  if (generationId !== null) must(record?.id === generationId, 'an acknowledged record is missing', facts);
  must(status === null || status === 200 || status === 202, 'a response has a status that is not allowed', facts);
  if (record === undefined) return;
  const input = record.input_images[0]?.sha256 ?? null;
  must(input === request.input, 'the input image differs from the one in the request', facts);
  if (record.state === 'succeeded') must(record.images.length === request.images, 'images are missing', facts);
  if (images === null && urls === null) return;
  const shas = record.images.map(({ sha256 }) => sha256);
  must(record.state === 'succeeded', 'a generation with a complete response has not succeeded', facts);
  if (images !== null) must(String(shas) === String(images), 'acknowledged images are missing', facts);
  if (urls !== null) must(urls.length === shas.length, 'acknowledged images are missing', facts);
}

/** The response to a retry with the same key. */
export function checkRetry(request: Request, again: SeenResponse, before: GenerationRecord | undefined): void {
  const facts = { request: request.prompt, again, before };
  must(again.generationId !== null, 'a retry has no record', facts);
  if (before !== undefined) must(again.generationId === before.id, 'a retry has another record', facts);
  const status = request.isAsync ? 202 : (before?.state ?? 'succeeded') === 'succeeded' ? 200 : 502;
  must(again.status === status, `a retry got a status other than ${status}`, facts);
  if (before !== undefined && again.images !== null) {
    const shas = before.images.map(({ sha256 }) => sha256);
    must(String(again.images) === String(shas), 'a retry has other images', facts);
  }
}

/** The upstream received each request at most once. */
export async function checkCalls(simulatorUrl: string, requests: readonly Request[]): Promise<void> {
  const { data } = await simulatorCalls(simulatorUrl);
  for (const { prompt } of requests) {
    const calls = data.filter(({ body }) => body?.['prompt'] === prompt).length;
    must(calls <= 1, 'the upstream received a request more than once', { prompt, calls });
  }
}

/** The files of the store are exactly those that rows refer to. */
export function checkFiles(
  files: { readonly store: readonly string[]; readonly unfinished: readonly string[] },
  records: readonly GenerationRecord[],
  thumbnails: ReadonlySet<string>,
): void {
  const known = new Set(thumbnails);
  for (const { images, input_images } of records)
    for (const { sha256 } of [...images, ...input_images]) if (sha256 !== null) known.add(sha256);
  const orphans = files.store.filter((sha256) => !known.has(sha256));
  const missing = [...known].filter((sha256) => !files.store.includes(sha256));
  must(orphans.length === 0, 'the store has files without a row', orphans);
  must(missing.length === 0, 'rows refer to missing files', missing);
  must(files.unfinished.length === 0, 'unfinished files remain', files.unfinished);
}
