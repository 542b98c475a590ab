import type { ServerResponse } from 'node:http';
import { sendJson, startTestServer, type RecordedRequest } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import type { JsonObject } from './types.ts';

/** What a test server does with one request; it may leave the caller waiting. */
export type Respond = (response: ServerResponse, request: VendorRequest) => void | Promise<void>;

interface VendorRequest extends RecordedRequest {
  /** 1 for the first of its kind. */
  readonly count: number;
  readonly url: string;
}

export interface VendorOptions {
  /** Instead of a reply with images. Undefined gives the usual reply. */
  readonly generate?: (request: VendorRequest) => Respond | undefined;
  /** Instead of the bytes of an image. Undefined gives them. */
  readonly download?: (request: VendorRequest) => Respond | undefined;
  /** The images, over and over. Default one PNG of 320 x 240. */
  readonly images?: readonly Buffer[];
  /** Of the downloads. */
  readonly contentType?: string;
}

export interface Vendor {
  readonly url: string;
  /** What was asked to be generated. */
  readonly posts: readonly RecordedRequest[];
  /** The bodies of these. */
  readonly bodies: readonly JsonObject[];
  /** What images were asked for. */
  readonly downloads: readonly RecordedRequest[];
  /** How many generations were under way together at most. */
  readonly mostAtOnce: number;
}

export const SMALL: Buffer = await encodeImage({ format: 'png', width: 320, height: 240 });

/** The vendor's endpoint with whatever images and faults a test needs; the simulator, which keeps every rule, has none of either. */
export async function startVendor(options: VendorOptions = {}): Promise<Vendor & AsyncDisposable> {
  const { images = [SMALL], contentType = 'image/png' } = options;
  const posts: RecordedRequest[] = [];
  const downloads: RecordedRequest[] = [];
  let now = 0;
  let mostAtOnce = 0;
  const image = (index: number): Buffer => images[index % images.length]!;
  const generate = async (request: RecordedRequest, response: ServerResponse): Promise<void> => {
    const count = posts.push(request);
    mostAtOnce = Math.max(mostAtOnce, ++now);
    response.on('close', () => now--);
    const asked = { ...request, count, url: server.url };
    const respond = options.generate?.(asked);
    if (respond !== undefined) return respond(response, asked);
    sendJson(response, 200, respondTo(request, server.url, image));
  };
  const download = async (request: RecordedRequest, response: ServerResponse): Promise<void> => {
    const asked = { ...request, count: downloads.push(request), url: server.url };
    const respond = options.download?.(asked);
    if (respond !== undefined) return respond(response, asked);
    const bytes = image(Number(/\d+$/.exec(request.path)?.[0] ?? 0));
    response.writeHead(200, { 'content-type': contentType, 'content-length': bytes.length }).end(bytes);
  };
  const server = await startTestServer((request, response) =>
    request.method === 'POST' ? generate(request, response) : download(request, response),
  );
  const vendor = {
    url: server.url,
    posts,
    downloads,
    get bodies() {
      return posts.map(({ body }) => JSON.parse(body) as JsonObject);
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
  };
  return disposable(vendor, async () => server[Symbol.asyncDispose]());
}

function respondTo({ body }: RecordedRequest, url: string, image: (index: number) => Buffer): JsonObject {
  const { n = 1, response_format } = JSON.parse(body) as { n?: number; response_format?: string };
  const data = Array.from({ length: n }, (_, index) =>
    response_format === 'b64_json'
      ? { url: '', b64_json: image(index).toString('base64'), revised_prompt: `revised ${index}` }
      : { url: `${url}/images/${index}`, b64_json: '', revised_prompt: `revised ${index}` },
  );
  return { created: 1_785_312_000, data };
}

/** A reply with these entries. */
export function responses(data: readonly unknown[], headers: Record<string, string> = {}): Respond {
  return (response) => sendJson(response, 200, { created: 1_785_312_000, data }, headers);
}

/** An error in the vendor's form. */
export function fails(status: number, error: JsonObject | string, headers: Record<string, string> = {}): Respond {
  return (response) => sendJson(response, status, { error }, headers);
}

/** The error of an account without credit, as the vendor words it. */
export const NO_CREDIT = {
  message: 'user quota is not enough',
  type: 'new_api_error',
  param: '',
  code: 'insufficient_user_quota',
};
