import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from '../config/signing-keys.ts';

/** What a signed URL carries beside the image's id. */
export interface ImageSignature {
  readonly key: string;
  readonly signature: string;
}

/** So that no signature of anything else, and none of a later version, ever fits an image. */
const DOMAIN = 'wan-image picture URL, version 1\n';

/** Of the 32 that the hash has; a multiple of three, so that each character of base64 counts in full and none can be exchanged. */
const SIGNATURE_BYTES = 18;

/** Signs ids of images, and knows its own signatures again. */
export class ImageSignatures {
  readonly #signing: SigningKey;
  readonly #secrets: ReadonlyMap<string, string>;

  /** The first key signs, all verify. */
  constructor(keys: readonly [SigningKey, ...SigningKey[]]) {
    this.#signing = keys[0];
    this.#secrets = new Map(keys.toReversed().map(({ id, secret }) => [id, secret]));
  }

  sign(imageId: string): ImageSignature {
    const { id, secret } = this.#signing;
    return { key: id, signature: signatureOf(imageId, secret) };
  }

  /** Whether one of the keys made it for this image. In the same time for every wrong one, so that it cannot be found by trying. */
  verify(imageId: string, { key, signature }: ImageSignature): boolean {
    const secret = this.#secrets.get(key);
    if (secret === undefined) return false;
    const right = Buffer.from(signatureOf(imageId, secret));
    const received = Buffer.from(signature);
    return received.length === right.length && timingSafeEqual(received, right);
  }
}

function signatureOf(imageId: string, secret: string): string {
  const mac = createHmac('sha256', secret).update(DOMAIN).update(imageId).digest();
  return mac.subarray(0, SIGNATURE_BYTES).toString('base64url');
}
