import { inputImagesOf, PARAMETERS, readDataUri, type AcceptedRequest, type GenerationRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity, NewImage } from '../generations/generation-image.entity.ts';
import type { GenerationWithImages } from '../generations/generations.service.ts';
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

  /** A request that was recorded, as it was accepted, with the pictures that are kept of it. */
  async requestOf({ generation, images }: GenerationWithImages): Promise<AcceptedRequest> {
    const fields = Object.entries(generation.request);
    const inputs = images.filter(({ role }) => role === 'input').map((image) => this.#textOf(image));
    const given = await Promise.all(inputs);
    const image = given.length > 1 ? given : given[0];
    const request = Object.fromEntries(fields.filter(([name]) => PARAMETERS.includes(name)));
    return {
      // It was accepted by the contract when it was recorded.
      request: { ...request, ...(image === undefined ? {} : { image }) } as GenerationRequest,
      extra: Object.fromEntries(fields.filter(([name]) => !PARAMETERS.includes(name))),
      dropped: generation.dropped,
    };
  }

  async #textOf({ sha256, mimeType, sourceUrl }: GenerationImageEntity): Promise<string> {
    if (sha256 === null) return sourceUrl ?? '';
    return `data:${mimeType};base64,${(await buffer(await this.#stream(sha256))).toString('base64')}`;
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
