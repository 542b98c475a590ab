import { Injectable } from '@nestjs/common';
import { notFound, type ApiError } from '../http/api-error.ts';
import type { PictureSignatures } from '../images/picture-signatures.ts';
import type { KeyCheck } from './key-check.ts';

/** A request for a picture, as it came: what stands in a query may be missing, or be there twice. */
export interface PictureRequest {
  readonly imageId: string;
  readonly key: unknown;
  readonly signature: unknown;
  readonly authorization: string | undefined;
}

/** Who may open a picture: whoever has its signed URL, and without a signature whoever has a key of the service. */
@Injectable()
export class PictureAccess {
  readonly #signatures: PictureSignatures;
  readonly #keyCheck: KeyCheck;

  constructor(signatures: PictureSignatures, keyCheck: KeyCheck) {
    this.#signatures = signatures;
    this.#keyCheck = keyCheck;
  }

  /**
   * Why a request may not open the picture, or null. A signature that is there and wrong is refused even with a right key: a URL that
   * works for its maker and for nobody else would only be noticed by those it was given to. It is refused in the words for a picture
   * that does not exist, before anybody has looked whether it does.
   */
  problemOf({ imageId, key, signature, authorization }: PictureRequest): ApiError | null {
    if (key === undefined && signature === undefined) return this.#keyCheck({ route: undefined, authorization });
    const isRight =
      typeof key === 'string' && typeof signature === 'string' && this.#signatures.verify(imageId, { key, signature });
    return isRight ? null : noSuchPicture();
  }
}

/** The one answer for what does not exist and for what a signature does not open. */
export function noSuchPicture(): ApiError {
  return notFound('This picture');
}
