import { PARAMETERS, type AcceptedRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import type { GenerationWithImages } from '../../generations/generations.repository.ts';
import { ImageFilesService } from '../../images/image-files.service.ts';
import { StoredInput } from '../intake/stored-input.ts';

/** Rebuilds accepted requests from their records. */
@Injectable()
export class StoredRequests {
  constructor(private readonly files: ImageFilesService) {}

  /** The request of a record. Its stored input images are read when it is sent. */
  requestOf({ generation, images }: GenerationWithImages): AcceptedRequest {
    const fields = Object.entries(generation.request);
    const inputs = images.filter(({ role }) => role === 'input').map((image) => this.#input(image));
    const [only] = inputs;
    const image = inputs.length > 1 ? inputs : only;
    const request = Object.fromEntries(fields.filter(([name]) => PARAMETERS.includes(name)));
    return {
      // The contract accepted it before it was recorded.
      request: { ...request, ...(image === undefined ? {} : { image }) } as AcceptedRequest['request'],
      extra: Object.fromEntries(fields.filter(([name]) => !PARAMETERS.includes(name))),
      dropped: generation.dropped,
    };
  }

  #input(image: GenerationImageEntity): string | StoredInput {
    const { sha256, bytes, width, height, mimeType, sourceUrl } = image;
    // The original URL, even if the image has been archived since.
    if (sourceUrl !== null) return sourceUrl;
    if (sha256 === null || bytes === null || width === null || height === null || mimeType === null) return '';
    return new StoredInput(this.files, { sha256, bytes, width, height, mimeType });
  }
}
