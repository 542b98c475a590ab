/**
 * A program that makes a call, aborts it in a phase and prints a report as JSON. Then it has to exit by itself.
 * `node abort.ts <phase> <url>`: for a phase that only the server can see, the test closes the standard input.
 */
import { EventEmitter, once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { createClient, isWanImageError } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';

export type Phase = keyof typeof SIGNS;

export interface Report {
  /** The resources that kept the process alive just before the abort, as `process.getActiveResourcesInfo()` names them. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** From the abort to the rejection, in milliseconds; null when the call was not rejected in time. */
  readonly settledMs: number | null;
  /** As JSON; as text when it is no WanImageError. */
  readonly error: unknown;
}

/** The signs that a phase has started. */
const SIGNS = {
  connecting: 'input closed',
  sending: 'input closed',
  waiting: 'input closed',
  reading: 'response',
  sleeping: 'retry',
  downloading: 'response',
} as const;

/** Only to end a call that an abort does not end; below the `retry-after` of the phase `sleeping`, which would end it too. */
const GUARD_MS = 25_000;

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

/** 80 MB of base64: more than all buffers on the way to the server hold. */
async function largeImages(): Promise<Blob[]> {
  const image = new Blob([new Uint8Array(await encodeImage({ format: 'bmp', width: 2600, height: 2600 }))]);
  return [image, image, image];
}

/** Without the pipes of the program's standard streams. */
function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
}

const signs = new EventEmitter();
if (SIGNS[phase] === 'input closed') process.stdin.once('close', () => signs.emit('input closed')).resume();
const started = once(signs, SIGNS[phase]);
const failure = call(signs).then(
  () => 'the call succeeded',
  (error: unknown) => (isWanImageError(error) ? error.toJSON() : String(error)),
);
await Promise.race([started, failure]);
// Aborts in the middle of the phase, not at its start.
await setTimeout(50);

const before = activeResources();
const aborted = performance.now();
controller.abort();
// An unreferenced timer is no active resource, so the report does not include it.
const guard = setTimeout(GUARD_MS, null, { ref: false });
const error = await Promise.race([failure, guard]);
const settledMs = error === null ? null : performance.now() - aborted;
// A destroyed socket closes within a few turns of the event loop.
for (let turn = 0; turn < 3; turn++) await setImmediate();
const report: Report = { before, after: activeResources(), settledMs, error };
process.stdout.write(JSON.stringify(report));
