import { createHash, randomBytes } from 'node:crypto';
import { encodeImage } from '@wan-image/testing/images';
import type { Load } from './points.ts';

/** A request of which nobody else sends the like. */
export interface Request {
  readonly path: string;
  readonly prompt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly body: () => string | FormData;
  /** How many images it asks for. */
  readonly images: number;
  /** SHA-256 of the image that it gives; null where it gives none. */
  readonly input: string | null;
  readonly isAsync: boolean;
  /** Whether somebody cancels it. */
  readonly isCanceled: boolean;
}

/** What its caller came to know. */
export interface SeenResponse {
  /** Null where no status came. */
  readonly status: number | null;
  readonly generationId: string | null;
  /** Of the images of a whole base64 reply, in order; null where that did not come. */
  readonly images: readonly string[] | null;
  /** Of a whole reply of URLs. */
  readonly urls: readonly string[] | null;
}

const NOTHING: SeenResponse = { status: null, generationId: null, images: null, urls: null };

const PNG = await encodeImage({ format: 'png', width: 256, height: 256 });

/** Far longer than a process that is to be killed lives. */
const DELAY = '[[simulate delay=120000]]';

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What is asked for at once while the process dies. Prompts begin with the name, which has to be new. */
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

interface Ways {
  readonly key?: boolean;
  readonly isAsync?: boolean;
  readonly isCanceled?: boolean;
  readonly withInput?: boolean;
}

/** The same bytes would be one file in the store, and hide that one is left over. */
function newImage(): Buffer {
  return Buffer.concat([PNG, randomBytes(16)]);
}

function json(
  prompt: string,
  fields: Readonly<Record<string, unknown>>,
  { key = false, isAsync = false, isCanceled = false, withInput = false }: Ways = {},
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

/** Sends it; never rejects, because the process that is asked may die. */
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
