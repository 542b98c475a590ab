import { Inject, Injectable } from '@nestjs/common';
import { ApiError, invalidRequest, notFound } from '../../domain/api-error.ts';
import type { Scope } from '../../domain/scope.ts';
import { GenerationsRepository, type GenerationWithImages } from '../../generations/generations.repository.ts';
import type { GenerationImageEntity } from '../../ledger/generation-image.entity.ts';
import { IMAGE_STORE, type ImageStore } from '../../storage/image-store.ts';
import type { IncomingImages } from '../intake/incoming-images.ts';
import { readerOf, StoredInput } from '../intake/stored-input.ts';
import { AdmissionService, type Admitted } from './admission.service.ts';
import { ChangedSince } from './changed-since.ts';

/** Builds the request of a rerun: that of an earlier generation, with other values where the body has them. */
@Injectable()
export class RerunService {
  constructor(
    private readonly generations: GenerationsRepository,
    private readonly admission: AdmissionService,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  /** As {@link AdmissionService.admit}. Throws an ApiError if there is no such generation, or it is in the bin. */
  async admit(id: string, value: unknown, images: IncomingImages, scope: Scope): Promise<Admitted> {
    const overrides = overridesOf(value);
    const found = await this.generations.get(scope, id);
    if (found === null) throw new ChangedSince(notFound('This generation'), { generationId: id });
    if (found.generation.deletedAt !== null) throw deleted(id);
    checkWhole(found, overrides);
    const inheritsImages = !('image' in overrides);
    const inputs = inheritsImages ? await this.#inputsOf(found) : {};
    const body = { ...requestOf(found), ...inputs, ...overrides };
    // Null asks for the default, as in the request of a generation; of `seed`, for none.
    const normalized = Object.fromEntries(Object.entries(body).filter(([, inner]) => inner !== null));
    return this.admission.admit(normalized, images, false, scope, { of: id, inheritsImages });
  }

  /** The copies of its input images where there are any, the URLs of the others. */
  async #inputsOf({ images }: GenerationWithImages): Promise<{ readonly image?: unknown }> {
    const rows = images.filter(({ role }) => role === 'input');
    const inputs: (string | StoredInput)[] = [];
    for (const [index, row] of rows.entries()) inputs.push((await this.#copyOf(row)) ?? urlOf(row, index, rows.length));
    return inputs.length === 0 ? {} : { image: inputs.length === 1 ? inputs[0] : inputs };
  }

  /** Null without one, and if its file is missing. */
  async #copyOf(row: GenerationImageEntity): Promise<StoredInput | null> {
    const { sha256, width, height, bytes, mimeType, fromImage } = row;
    if (sha256 === null || width === null || height === null || bytes === null || mimeType === null) return null;
    // The row of the earlier generation may be deleted before this use has its own; files that were touched recently stay.
    if (!(await this.store.touch(sha256))) return null;
    const kept = { sha256, width, height, bytes, mimeType };
    return new StoredInput(readerOf(this.store), kept, typeof fromImage === 'string' ? { fromImage } : {});
  }
}

function overridesOf(value: unknown): object {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidRequest(
    'The body must be a JSON object with the parameters to change, such as {"seed": 7}. Leave it out to change none.',
    null,
  );
}

function requestOf({ generation }: GenerationWithImages): object {
  const { request, clientUser, metadata } = generation;
  // Parameters of the contract and others alike; the images have rows of their own.
  return { ...request, user: clientUser, metadata };
}

/** Of what the contract does not define, a record keeps a part. Made again without the rest, it would be another request. */
function checkWhole({ generation }: GenerationWithImages, overrides: object): void {
  const missing = (generation.cut ?? []).filter((name) => !Object.hasOwn(overrides, name));
  if (missing.length === 0) return;
  const names = missing.join(', ');
  throw invalidRequest(
    `The record has not all of the earlier request: ${names}. Send the missing parameters, or null to leave them out.`,
    missing[0] ?? null,
  );
}

function urlOf({ sourceUrl, generationId, state }: GenerationImageEntity, index: number, count: number): string {
  if (sourceUrl !== null) return sourceUrl;
  const name = count === 1 ? 'image' : `image[${index}]`;
  const reason =
    state === 'deleted'
      ? 'was deleted by the retention policy of the project'
      : 'is lost: its file is missing from the store';
  const message = `${name} of the earlier generation ${reason}. Send image to replace it.`;
  throw new ChangedSince(invalidRequest(message, 'image'), { generationId });
}

function deleted(generationId: string): ApiError {
  const message = 'The generation is in the bin. Restore it first: POST /v1/generations/{id}/restore.';
  return new ChangedSince(
    new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'generation_deleted' }),
    { generationId },
  );
}
