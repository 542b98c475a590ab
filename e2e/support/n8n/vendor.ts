import type { ServerResponse } from 'node:http';
import { sendJson, startTestServer, type RecordedRequest } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import type { JsonObject } from './types.ts';

/** Handles one request of the test server; it may never respond. */
export type Respond = (response: ServerResponse, request: VendorRequest) => void | Promise<void>;

interface VendorRequest extends RecordedRequest {
  /** 1 for the first generation, and for the first download. */
  readonly count: number;
  readonly url: string;
}

export interface VendorOptions {
  /** Handles a generation. Undefined: a response with images. */
  readonly generate?: (request: VendorRequest) => Respond | undefined;
  /** Handles a download. Undefined: the bytes of the image. */
  readonly download?: (request: VendorRequest) => Respond | undefined;
  /** The images, repeated. Default: one PNG of 320 x 240. */
  readonly images?: readonly Buffer[];
  /** Of downloads. */
  readonly contentType?: string;
}

export interface Vendor {
  readonly url: string;
  /** The generation requests. */
  readonly posts: readonly RecordedRequest[];
  /** Their bodies. */
  readonly bodies: readonly JsonObject[];
  /** The download requests. */
  readonly downloads: readonly RecordedRequest[];
  /** The largest number of generations in flight. */
  readonly mostAtOnce: number;
}

export const SMALL: Buffer = await encodeImage({ format: 'png', width: 320, height: 240 });

/** The vendor's endpoint with any images and faults, also those that the simulator, which follows every rule, cannot have. */
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
    const received = { ...request, count, url: server.url };
    const respond = options.generate?.(received);
    if (respond !== undefined) return respond(response, received);
    sendJson(response, 200, respondTo(request, server.url, image));
  };
  const download = async (request: RecordedRequest, response: ServerResponse): Promise<void> => {
    const received = { ...request, count: downloads.push(request), url: server.url };
    const respond = options.download?.(received);
    if (respond !== undefined) return respond(response, received);
    const bytes = image(Number(/\d+$/.exec(request.path)?.[0] ?? 0));
    response.writeHead(200, { 'content-type': contentType, 'content-length': bytes.length }).end(bytes);
  };
  const server = await startTestServer((request, response) => {
    // The vendor says nothing of itself, and the question is neither a generation nor a download.
    if (request.path === '/v1/service') return sendJson(response, 404, { error: { message: 'Not Found' } });
    return request.method === 'POST' ? generate(request, response) : download(request, response);
  });
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

/** A response with these entries. */
export function responses(data: readonly unknown[], headers: Record<string, string> = {}): Respond {
  return (response) => sendJson(response, 200, { created: 1_785_312_000, data }, headers);
}

/** An error in the vendor's form. */
export function fails(status: number, error: JsonObject | string, headers: Record<string, string> = {}): Respond {
  return (response) => sendJson(response, status, { error }, headers);
}

/** The vendor's error for an account without credit. */
export const NO_CREDIT = {
  message: 'user quota is not enough',
  type: 'new_api_error',
  param: '',
  code: 'insufficient_user_quota',
};
