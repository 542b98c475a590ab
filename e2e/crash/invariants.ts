import { createHistoryClient, type GenerationRecord } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { sha256Of, type SeenResponse, type Request } from './asking.ts';

/** A request, and what its caller came to know before the process died. */
export interface Asked {
  readonly request: Request;
  readonly seen: SeenResponse;
}

/** How long all may take to come to rest after a restart: a minute is the upkeep's interval. */
export const REST_MS = 100_000;

/** What does not hold, in words. */
export class Broken extends Error {}

function must(holds: boolean, what: string, facts: unknown): asserts holds {
  if (!holds) throw new Broken(`${what}: ${JSON.stringify(facts)}`);
}

/** All records, when nothing is under way and no image is pending any more. */
export async function recordsAtRest(url: string): Promise<readonly GenerationRecord[]> {
  const client = createHistoryClient({ baseUrl: url, apiKey: 'none' });
  let records: GenerationRecord[] = [];
  await eventually(async () => {
    records = [];
    for await (const record of client.list({ limit: 100 })) records.push(record);
    for (const record of records) {
      const { state, images } = record;
      must(state !== 'queued' && state !== 'running', 'it has not ended', record);
      for (const image of images) {
        // Whoever asks for one that is pending has it fetched.
        if (image.state === 'pending') await (await fetch(image.url)).arrayBuffer();
        must(image.state !== 'pending', 'an image is pending', record);
      }
    }
  }, REST_MS);
  return records;
}

/** What holds of every record, whatever its caller knows. Returns the files that it stands for. */
export async function checkRecord(record: GenerationRecord, isCanceled: boolean): Promise<void> {
  const { state, outcome, sent_at, images, input_images } = record;
  const end = `${state} ${outcome}`;
  const allowed =
    sent_at === null
      ? ['canceled not_billed']
      : ['succeeded billed', 'failed unknown', ...(isCanceled ? ['canceled unknown'] : [])];
  must(allowed.includes(end), 'it ended otherwise than it may', record);
  const kept = input_images.filter(({ kind }) => kind === 'stored');
  for (const { url, sha256 } of [...images, ...kept]) {
    const response = await fetch(url);
    const bytes = new Uint8Array(await response.arrayBuffer());
    must(response.status === 200 && sha256Of(bytes) === sha256, 'an image is not what its record says', {
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

/** What its caller was told holds still. */
export function checkResponse({ request, seen }: Asked, records: readonly GenerationRecord[]): void {
  const own = records.filter(({ prompt }) => prompt === request.prompt);
  const [record] = own;
  must(own.length <= 1, 'one request has several records', own);
  const { status, generationId, images, urls } = seen;
  const facts = { request: request.prompt, seen, record };
  if (generationId !== null) must(record?.id === generationId, 'an acknowledged record is not there', facts);
  must(status === null || status === 200 || status === 202, 'it was answered otherwise than it may', facts);
  if (record === undefined) return;
  const input = record.input_images[0]?.sha256 ?? null;
  must(input === request.input, 'its input is not what was given', facts);
  if (record.state === 'succeeded') must(record.images.length === request.images, 'images are missing', facts);
  if (images === null && urls === null) return;
  const shas = record.images.map(({ sha256 }) => sha256);
  must(record.state === 'succeeded', 'what was answered has not succeeded', facts);
  if (images !== null) must(String(shas) === String(images), 'acknowledged images are not there', facts);
  if (urls !== null) must(urls.length === shas.length, 'acknowledged images are not there', facts);
}

/** What its caller is told that sends it again, with the same key. */
export function checkSentAgain(request: Request, again: SeenResponse, before: GenerationRecord | undefined): void {
  const facts = { request: request.prompt, again, before };
  must(again.generationId !== null, 'sent again, it has no record', facts);
  if (before !== undefined) must(again.generationId === before.id, 'sent again, it has another record', facts);
  const status = request.isAsync ? 202 : (before?.state ?? 'succeeded') === 'succeeded' ? 200 : 502;
  must(again.status === status, `sent again, it was not answered with ${status}`, facts);
  if (before !== undefined && again.images !== null) {
    const shas = before.images.map(({ sha256 }) => sha256);
    must(String(again.images) === String(shas), 'sent again, it has other images', facts);
  }
}

/** What the upstream was asked, by prompt. */
export async function checkCalls(simulatorUrl: string, requests: readonly Request[]): Promise<void> {
  const response = await fetch(`${simulatorUrl}/simulator/calls`);
  const { data } = (await response.json()) as { data: { body: { prompt?: string } | null }[] };
  for (const { prompt } of requests) {
    const calls = data.filter(({ body }) => body?.prompt === prompt).length;
    must(calls <= 1, 'the upstream was asked more than once', { prompt, calls });
  }
}

/** Files and rows are the same, both ways. */
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
  must(orphans.length === 0, 'files are left that no row knows', orphans);
  must(missing.length === 0, 'rows are left whose file is gone', missing);
  must(files.unfinished.length === 0, 'unfinished files are left', files.unfinished);
}
