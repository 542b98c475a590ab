import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InputThumbnail, ImageSpec } from './image-spec.ts';

/** Fixed, so that a URL stays valid after a restart. It protects nothing: an image is rendered from its own URL. */
const SIGNING_KEY = 'wan-image-simulator';

const PATH = /^\/simulator\/images\/([\w-]+)\.png$/;

/** Larger than any spec. A URL that decompresses to more was not created here. */
const MAX_SPEC_BYTES = 64 * 1024;

/**
 * Creates a URL like the vendor's: signed, and valid until `expires` (Unix time in seconds).
 * It contains the spec of the image, so it works after a restart without any stored state.
 */
export function imageUrl(origin: string, spec: ImageSpec, expires: number): string {
  const token = deflateRawSync(JSON.stringify(spec, writeBytes), { level: 9 }).toString('base64url');
  const path = `/simulator/images/${token}.png`;
  return `${origin}${path}?Expires=${expires}&OSSAccessKeyId=simulator&Signature=${signature(path, expires)}`;
}

export type ReadImageUrl =
  | { readonly ok: true; readonly spec: ImageSpec }
  | { readonly ok: false; readonly reason: 'forged' | 'expired' };

/** Null if the path is not that of an image. `now` is in milliseconds since 1970. */
export function readImageUrl(url: URL, now: number): ReadImageUrl | null {
  const token = PATH.exec(url.pathname)?.[1];
  if (token === undefined) return null;
  const expires = Number(url.searchParams.get('Expires'));
  const actual = Buffer.from(url.searchParams.get('Signature') ?? '');
  const expected = Buffer.from(signature(url.pathname, expires));
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return { ok: false, reason: 'forged' };
  if (expires * 1000 <= now) return { ok: false, reason: 'expired' };
  const json = inflateRawSync(Buffer.from(token, 'base64url'), { maxOutputLength: MAX_SPEC_BYTES }).toString('utf8');
  // `imageUrl` signed it, so it is a spec.
  return { ok: true, spec: JSON.parse(json, readBytes) as ImageSpec };
}

function signature(path: string, expires: number): string {
  return createHmac('sha256', SIGNING_KEY).update(`${path}\n${expires}`).digest('base64url');
}

function writeBytes(this: unknown, key: string, value: unknown): unknown {
  // `value` is the result of toJSON; the owner still has the bytes.
  const original = (this as InputThumbnail)[key as keyof InputThumbnail];
  return key === 'webp' && original instanceof Uint8Array ? Buffer.from(original).toString('base64url') : value;
}

function readBytes(key: string, value: unknown): unknown {
  return key === 'webp' && typeof value === 'string' ? Buffer.from(value, 'base64url') : value;
}
