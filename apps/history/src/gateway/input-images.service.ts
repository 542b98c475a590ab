import { inputImagesOf, readDataUri, type GenerationRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { NewImage } from '../generations/generation-image.entity.ts';
import { PicturesService } from '../images/pictures.service.ts';

const UNMEASURED = { sha256: null, width: null, height: null, bytes: null, mimeType: null };

/** The input pictures of a request, as the history keeps them: bytes go to the store, URLs stay URLs. */
@Injectable()
export class InputImagesService {
  readonly #pictures: PicturesService;

  constructor(pictures: PicturesService) {
    this.#pictures = pictures;
  }

  async keep(request: GenerationRequest): Promise<NewImage[]> {
    return Promise.all(inputImagesOf(request).map((image, index) => this.#keepOne(image, index)));
  }

  async #keepOne(image: string, index: number): Promise<NewImage> {
    const common = { role: 'input', index, revisedPrompt: null } as const;
    // The contract has checked that it is base64; of that, Buffer's decoder is the fastest.
    const uri = readDataUri(image);
    if (!uri) return { ...common, ...UNMEASURED, state: null, sourceUrl: image };
    return {
      ...common,
      ...(await this.#pictures.keep(once(Buffer.from(uri.base64, 'base64')))),
      state: 'stored',
      sourceUrl: null,
    };
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
