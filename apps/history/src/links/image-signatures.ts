import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from '../config/signing-keys.ts';

/** The parameters that a signed URL has in addition to the image's id. */
export interface ImageSignature {
  readonly key: string;
  readonly signature: string;
}

/** Domain separation: no signature of anything else, or of a later version, is ever valid for an image. */
const DOMAIN = 'wan-image picture URL, version 1\n';

/** Of the hash's 32 bytes. A multiple of three, so that base64 has no unused bits and no other text decodes to the same signature. */
const SIGNATURE_BYTES = 18;

/** Signs image ids, and verifies the signatures. */
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

  /** Whether one of the keys signed this image's id. Compares in constant time, so that timing does not reveal a valid signature. */
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
