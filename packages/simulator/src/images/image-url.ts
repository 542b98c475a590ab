import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InputThumbnail, ImageSpec } from './image-spec.ts';

/** Fixed, so that a URL outlives the process. It guards nothing: the images are drawings of their own URLs. */
const SIGNING_KEY = 'wan-image-simulator';

const PATH = /^\/simulator\/images\/([\w-]+)\.png$/;

/** More than any spec takes; a URL that unpacks to more is not ours. */
const MAX_SPEC_BYTES = 64 * 1024;

/**
 * A URL like the vendor's: signed, and dead after `expires` (unix seconds).
 * The spec of the image travels inside, so nothing has to be kept for it to work after a restart.
 */
export function imageUrl(origin: string, spec: ImageSpec, expires: number): string {
  const token = deflateRawSync(JSON.stringify(spec, writeBytes), { level: 9 }).toString('base64url');
  const path = `/simulator/images/${token}.png`;
  return `${origin}${path}?Expires=${expires}&OSSAccessKeyId=simulator&Signature=${signature(path, expires)}`;
}

export type ReadImageUrl =
  | { readonly ok: true; readonly spec: ImageSpec }
  | { readonly ok: false; readonly reason: 'forged' | 'expired' };

/** Null where the path is none of an image. `now` is in milliseconds since 1970. */
export function readImageUrl(url: URL, now: number): ReadImageUrl | null {
  const token = PATH.exec(url.pathname)?.[1];
  if (token === undefined) return null;
  const expires = Number(url.searchParams.get('Expires'));
  const given = Buffer.from(url.searchParams.get('Signature') ?? '');
  const right = Buffer.from(signature(url.pathname, expires));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { ok: false, reason: 'forged' };
  if (expires * 1000 <= now) return { ok: false, reason: 'expired' };
  const json = inflateRawSync(Buffer.from(token, 'base64url'), { maxOutputLength: MAX_SPEC_BYTES }).toString('utf8');
  // Signed by `imageUrl`, so it is a spec.
  return { ok: true, spec: JSON.parse(json, readBytes) as ImageSpec };
}

function signature(path: string, expires: number): string {
  return createHmac('sha256', SIGNING_KEY).update(`${path}\n${expires}`).digest('base64url');
}

function writeBytes(this: unknown, key: string, value: unknown): unknown {
  // `value` has been through toJSON already; the owner still has the bytes.
  const original = (this as InputThumbnail)[key as keyof InputThumbnail];
  return key === 'webp' && original instanceof Uint8Array ? Buffer.from(original).toString('base64url') : value;
}

function readBytes(key: string, value: unknown): unknown {
  return key === 'webp' && typeof value === 'string' ? Buffer.from(value, 'base64url') : value;
}
