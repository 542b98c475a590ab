import { createHash, randomBytes } from 'node:crypto';
import { encodeImage } from '@wan-image/testing/images';
import type { Load } from './points.ts';

/** A request whose prompt is unique in the run. */
export interface Request {
  readonly path: string;
  readonly prompt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly body: () => string | FormData;
  /** The number of images that it asks for. */
  readonly images: number;
  /** SHA-256 of its input image; null for none. */
  readonly input: string | null;
  readonly isAsync: boolean;
  /** Whether the harness cancels it. */
  readonly isCanceled: boolean;
}

/** What the client saw of the response before the process was killed. */
export interface SeenResponse {
  /** Null when no status arrived. */
  readonly status: number | null;
  readonly generationId: string | null;
  /** SHA-256 of the images of a complete base64 response, in order; null otherwise. */
  readonly images: readonly string[] | null;
  /** Of a complete response with URLs; null otherwise. */
  readonly urls: readonly string[] | null;
}

const NOTHING: SeenResponse = { status: null, generationId: null, images: null, urls: null };

const PNG = await encodeImage({ format: 'png', width: 256, height: 256 });

/** Far longer than a process lives that is about to be killed. */
const DELAY = '[[simulate delay=120000]]';

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The requests that are in flight when the process is killed. Prompts begin with the name, which has to be unique. */
export function requestsOf(load: Load, name: string): readonly Request[] {
  const base64 = { n: 2, response_format: 'b64_json' };
  if (load === 'spool') return [0, 1].map((at) => json(`${name} spool ${at}`, base64, { key: true }));
  const mixed = [
    json(`${name} base64`, base64, { key: true }),
    json(`${name} url`, {}),
    edit(`${name} edit`),
    json(`${name} async`, {}, { key: true, isAsync: true, withInput: true }),
  ];
  if (load === 'waiting') return [...mixed, json(`${name} waiting ${DELAY}`, {}, { key: true })];
  if (load === 'cancel') return [...mixed, json(`${name} cancel ${DELAY}`, {}, { isAsync: true, isCanceled: true })];
  return mixed;
}

interface Options {
  readonly key?: boolean;
  readonly isAsync?: boolean;
  readonly isCanceled?: boolean;
  readonly withInput?: boolean;
}

/** Unique bytes: equal ones would be a single file in the store, which would hide an orphaned one. */
function newImage(): Buffer {
  return Buffer.concat([PNG, randomBytes(16)]);
}

function json(
  prompt: string,
  fields: Readonly<Record<string, unknown>>,
  { key = false, isAsync = false, isCanceled = false, withInput = false }: Options = {},
): Request {
  const input = withInput ? newImage() : null;
  const image = input === null ? {} : { image: `data:image/png;base64,${input.toString('base64')}` };
  const body = JSON.stringify({
    model: 'wan2.7-image',
    prompt,
    size: '768x768',
    n: 1,
    thinking_mode: false,
    ...image,
    ...fields,
  });
  const idempotencyKey = key ? randomBytes(8).toString('hex') : null;
  return {
    path: '/v1/images/generations',
    prompt,
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...(isAsync ? { prefer: 'respond-async' } : {}),
    },
    key: idempotencyKey,
    body: () => body,
    images: typeof fields['n'] === 'number' ? fields['n'] : 1,
    input: input && sha256Of(input),
    isAsync,
    isCanceled,
  };
}

function edit(prompt: string): Request {
  const key = randomBytes(8).toString('hex');
  const image = newImage();
  return {
    path: '/v1/images/edits',
    prompt,
    headers: { 'idempotency-key': key },
    key,
    body: () => {
      const form = new FormData();
      for (const [name, value] of [
        ['model', 'wan2.7-image'],
        ['prompt', prompt],
        ['size', '768x768'],
        ['n', '1'],
      ] as const)
        form.set(name, value);
      form.set('image', new Blob([new Uint8Array(image)], { type: 'image/png' }), 'in.png');
      return form;
    },
    images: 1,
    input: sha256Of(image),
    isAsync: false,
    isCanceled: false,
  };
}

/** Never rejects: the process that receives the request may be killed. */
export async function send(base: string, { path, headers, body }: Request): Promise<SeenResponse> {
  let seen = NOTHING;
  try {
    const response = await fetch(base + path, { method: 'POST', headers, body: body() });
    seen = { ...NOTHING, status: response.status, generationId: response.headers.get('x-generation-id') };
    const { data } = (await response.json()) as { data?: { b64_json?: string; url?: string }[] };
    if (response.status !== 200 || data === undefined) return seen;
    const images = data.flatMap(({ b64_json }) => (b64_json ? [sha256Of(Buffer.from(b64_json, 'base64'))] : []));
    const urls = data.flatMap(({ url }) => (url ? [url] : []));
    return {
      ...seen,
      images: images.length === data.length ? images : null,
      urls: urls.length === data.length ? urls : null,
    };
  } catch {
    return seen;
  }
}
