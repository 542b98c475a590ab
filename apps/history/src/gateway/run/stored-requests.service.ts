import { PARAMETERS, type AcceptedRequest } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config/slices.ts';
import { ApiError } from '../../domain/api-error.ts';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import type { GenerationWithImages } from '../../generations/generations.repository.ts';
import { ImageFilesService } from '../../images/image-files.service.ts';
import { StoredInput } from '../intake/stored-input.ts';

/** Rebuilds accepted requests from their records. */
@Injectable()
export class StoredRequests {
  constructor(
    private readonly files: ImageFilesService,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /**
   * The request of a record. Its stored input images are read when it is sent. Throws an ApiError for a request that was accepted to be
   * simulated if it would now be billed, or the reverse: nothing was reserved for it, or it would be settled as paid.
   */
  requestOf({ generation, images }: GenerationWithImages): AcceptedRequest {
    if (generation.simulated !== (this.config.upstream.kind === 'simulator')) throw upstreamChanged();
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

function upstreamChanged(): ApiError {
  const message =
    'The upstream of the service was changed between the simulator and a real one while the request was queued, so it was not sent and nothing was billed. Send it again.';
  return new ApiError(message, { status: 503, type: 'server_error', code: 'upstream_changed' });
}
