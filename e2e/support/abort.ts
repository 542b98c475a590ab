/**
 * A program that makes a call, aborts it in a certain phase and prints what came of it as JSON. Then it has to end by itself.
 * `node abort.ts <phase> <url>`: what only the server can see, it tells by closing the standard input.
 */
import { EventEmitter, once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { createClient, isWanImageError } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';

export type Phase = keyof typeof SIGNS;

export interface Report {
  /** What kept the process alive just before the abort, as `process.getActiveResourcesInfo()` names it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** From the abort to the rejection, in milliseconds; null where it was not rejected in time. */
  readonly settledMs: number | null;
  /** As JSON, or in words where it is not this package's own. */
  readonly error: unknown;
}

/** What shows that a phase has begun. */
const SIGNS = {
  connecting: 'input closed',
  sending: 'input closed',
  waiting: 'input closed',
  reading: 'response',
  sleeping: 'retry',
  downloading: 'response',
} as const;

const GUARD_MS = 2000;

const phase = process.argv[2] as Phase;
const url = process.argv[3] ?? '';
const controller = new AbortController();
const { signal } = controller;

async function call(signs: EventEmitter): Promise<unknown> {
  const hooks = { response: () => void signs.emit('response'), retry: () => void signs.emit('retry') };
  const client = createClient({ baseUrl: url, apiKey: 'k', hooks });
  if (phase === 'downloading') return readAll(client.download(`${url}/1.png`, { signal }));
  const image = phase === 'sending' ? await largeImages() : undefined;
  return client.generate({ model: 'wan2.7-image', prompt: '一间花店', image }, { signal });
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

/** 80 MB of base64: more than any buffer between here and the server takes. */
async function largeImages(): Promise<Blob[]> {
  const image = new Blob([new Uint8Array(await encodeImage({ format: 'bmp', width: 2600, height: 2600 }))]);
  return [image, image, image];
}

/** Without the pipes of the program's own input and output. */
function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
}

const signs = new EventEmitter();
if (SIGNS[phase] === 'input closed') process.stdin.once('close', () => signs.emit('input closed')).resume();
const begun = once(signs, SIGNS[phase]);
const failure = call(signs).then(
  () => 'it succeeded',
  (error: unknown) => (isWanImageError(error) ? error.toJSON() : String(error)),
);
await Promise.race([begun, failure]);
// Its middle, not its first moment.
await setTimeout(50);

const before = activeResources();
const aborted = performance.now();
controller.abort();
// Does not count as active, so it cannot be what is found afterwards.
const guard = setTimeout(GUARD_MS, null, { ref: false });
const error = await Promise.race([failure, guard]);
const settledMs = error === null ? null : performance.now() - aborted;
// A socket that is destroyed closes within a turn of the event loop.
for (let turn = 0; turn < 3; turn++) await setImmediate();
const report: Report = { before, after: activeResources(), settledMs, error };
process.stdout.write(JSON.stringify(report));
