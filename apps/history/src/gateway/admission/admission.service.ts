import { acceptRequestWithImages, inputImagesOf, type AcceptedBody, type InputImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config/slices.ts';
import { brokenRules, invalidRequest } from '../../domain/api-error.ts';
import type { Scope } from '../../domain/scope.ts';
import type { NewImage } from '../../ledger/generation-image.entity.ts';
import type { IncomingImages } from '../intake/incoming-images.ts';
import { StoredInput } from '../intake/stored-input.ts';
import type { SubmitCommand } from '../submit/submit-command.ts';
import { adapt, dialectHint } from './dialect.ts';
import { fingerprintOf, rerunFingerprintOf, type Rerun } from './fingerprint.ts';
import { openaiName, readOpenaiEdit } from './openai-edit.ts';
import { OwnImagesService } from './own-images.service.ts';

/** The parts of a command that depend on the body. */
export type Admitted = Pick<SubmitCommand, 'accepted' | 'inputs' | 'fingerprint' | 'files' | 'stream' | 'rerunOf'>;

const UNMEASURED = { sha256: null, width: null, height: null, bytes: null, mimeType: null };

/** Validates a value against the contract and resolves what exactly it requests. */
@Injectable()
export class AdmissionService {
  constructor(
    private readonly ownImages: OwnImagesService,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Throws an ApiError if the contract refuses the value; you must then discard the files. An edit requires an image. */
  async admit(
    value: unknown,
    images: IncomingImages,
    isEdit: boolean,
    scope: Scope,
    rerun: Rerun | null = null,
  ): Promise<Admitted> {
    const edit = isEdit ? readOpenaiEdit(value) : { body: value, isOpenai: false };
    if (isEdit) requireImage(edit.body);
    const { body, adapted } = adapt(edit.body, this.config);
    const accepted = { ...(await this.#withOwnImages(this.#accept(body, edit.isOpenai), scope)), adapted };
    const inputs = inputImagesOf(accepted.request);
    return {
      accepted,
      inputs: inputs.map((image, index) => rowOf(image, index, this.config.archiveInputs)),
      fingerprint: rerun === null ? fingerprintOf(accepted) : rerunFingerprintOf(accepted, rerun),
      rerunOf: rerun?.of ?? null,
      stream: accepted.stream,
      files: { commit: () => images.commit(inputs), discard: () => images.discard() },
    };
  }

  #accept(body: unknown, isOpenai: boolean): AcceptedBody {
    const parsed = acceptRequestWithImages(body);
    if (parsed.ok) return parsed.value;
    const problems = parsed.problems.map(({ param, message }) => {
      const hint = dialectHint(param, body, this.config);
      const full = hint === null ? message : `${message} ${hint}`;
      return isOpenai && param !== null
        ? { param: openaiName(param), message: openaiName(full) }
        : { param, message: full };
    });
    throw brokenRules(problems);
  }

  async #withOwnImages(accepted: AcceptedBody, scope: Scope): Promise<AcceptedBody> {
    const { image } = accepted.request;
    if (image === undefined) return accepted;
    const found: (string | InputImage)[] = [];
    for (const [index, item] of inputImagesOf(accepted.request).entries()) {
      const name = Array.isArray(image) ? `image[${index}]` : 'image';
      found.push((typeof item === 'string' ? await this.ownImages.find(item, name, scope) : null) ?? item);
    }
    const [only] = found;
    const images = Array.isArray(image) || only === undefined ? found : only;
    return { ...accepted, request: { ...accepted.request, image: images } };
  }
}

function requireImage(body: unknown): void {
  const isGiven = typeof body === 'object' && body !== null && 'image' in body && body.image !== null;
  if (isGiven) return;
  const message =
    'image is missing: send the image to edit, up to 9 of them. To generate images from text alone, use /v1/images/generations.';
  throw invalidRequest(message, 'image');
}

/** `isArchived`: whether to store a copy of an image that was sent as a URL. */
function rowOf(image: string | InputImage, index: number, isArchived: boolean): NewImage {
  const common = { role: 'input', index, revisedPrompt: null } as const;
  if (image instanceof StoredInput) {
    return { ...common, ...image.kept, state: 'stored', sourceUrl: null, fromImage: image.fromImage };
  }
  // Due from the beginning of time: by the clock of this process it might not be due before tomorrow.
  const archive = isArchived
    ? ({ state: 'pending', tries: 0, tryAt: new Date(0) } as const)
    : ({ state: null } as const);
  return { ...common, ...UNMEASURED, ...archive, sourceUrl: typeof image === 'string' ? image : null };
}
