import type { GenerationRecord, ImageRecord, InputImageRecord, LineageNode } from '@wan-image/core';
import { amountOf } from '../domain/money.ts';
import { settledMessage } from '../domain/settled-message.ts';
import type { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../ledger/generation.entity.ts';
import type { WatchedRecord } from './generation-events.ts';
import type { GenerationWithImages, LibraryFacts, WatchedGeneration } from './generations.repository.ts';
import { imageIdOf } from '../domain/image-key.ts';

/** Returns the permanent URL of an image. */
export type UrlOfImage = (imageId: string) => string;

/** Maps rows to the record of the contract. */
export function toRecord(
  { generation, images }: GenerationWithImages,
  library: LibraryFacts,
  urlOf: UrlOfImage,
  isAdmin = false,
): GenerationRecord {
  const inputs = images.filter((image) => image.role === 'input').map((image) => toInputImage(image, urlOf));
  return {
    id: generation.id,
    object: 'generation',
    state: generation.state,
    outcome: generation.outcome,
    source: generation.source,
    // Only models of the contract are ever accepted.
    model: generation.model as GenerationRecord['model'],
    prompt: generation.prompt,
    request: withInputs(generation.keptRequest ?? generation.request, inputs),
    cut: generation.cut ?? [],
    user: generation.clientUser,
    metadata: generation.metadata && { ...generation.metadata },
    dropped: generation.dropped,
    adapted: generation.adapted,
    input_images: inputs,
    images: outputsOf(images, library, urlOf),
    error: settledError(generation),
    upstream: {
      request_id: generation.upstreamRequestId,
      status: generation.upstreamStatus,
      attempts: generation.attempts,
      simulated: generation.simulated,
      message: isAdmin ? generation.upstreamMessage : null,
      extra: generation.upstreamExtra && { ...generation.upstreamExtra },
      extra_cut: generation.upstreamExtraCut ?? [],
    },
    cost: costOf(generation),
    api_key: generation.apiKeyId === null ? null : { id: generation.apiKeyId },
    created_at: generation.createdAt.toISOString(),
    sent_at: generation.sentAt?.toISOString() ?? null,
    finished_at: generation.finishedAt?.toISOString() ?? null,
    duration_ms:
      generation.sentAt && generation.finishedAt && generation.finishedAt.getTime() - generation.sentAt.getTime(),
    tags: [...library.tags],
    note: generation.note,
    deleted_at: generation.deletedAt?.toISOString() ?? null,
    derived_from: [...library.derivedFrom],
  };
}

/** Maps rows to what events tell of them. */
export function toWatched(
  { generation, images }: WatchedGeneration,
  library: LibraryFacts,
  urlOf: UrlOfImage,
): WatchedRecord {
  const { id, state, outcome, finishedAt } = generation;
  return {
    id,
    state,
    outcome,
    error: settledError(generation),
    images: outputsOf(images, library, urlOf),
    finished_at: finishedAt?.toISOString() ?? null,
  };
}

function outputsOf(images: readonly GenerationImageEntity[], library: LibraryFacts, urlOf: UrlOfImage): ImageRecord[] {
  return images.filter((image) => image.role === 'output').map((image) => toImage(image, library, urlOf));
}

/** The error as it was sent to the client. Once the outcome is resolved, it no longer says that the outcome is unknown. */
function settledError({
  error,
  outcome,
  resolvedAt,
}: Pick<GenerationEntity, 'error' | 'outcome' | 'resolvedAt'>): GenerationRecord['error'] {
  return error && resolvedAt ? { ...error, message: settledMessage(error.message, outcome === 'billed') } : error;
}

function costOf({ cost, currency }: GenerationEntity): GenerationRecord['cost'] {
  return cost === null || currency === null ? null : { amount: amountOf(cost), currency };
}

export function toImage(image: GenerationImageEntity, library: LibraryFacts, urlOf: UrlOfImage): ImageRecord {
  const id = imageIdOf(image);
  return {
    id,
    object: 'image',
    index: image.index,
    // Only an input can have no state.
    state: image.state ?? 'lost',
    url: image.state === 'deleted' ? null : urlOf(id),
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    mime_type: image.mimeType,
    sha256: image.sha256,
    revised_prompt: image.revisedPrompt,
    warning: image.warning ?? null,
    orientation: image.orientation ?? null,
    favorite: library.favorites.has(image.index),
    thumbhash: (image.sha256 === null ? undefined : library.thumbhashes.get(image.sha256)) ?? null,
    deleted_at: image.deletedAt?.toISOString() ?? null,
  };
}

function toInputImage(image: GenerationImageEntity, urlOf: UrlOfImage): InputImageRecord {
  const { sourceUrl, state } = image;
  const ownUrl = urlOf(imageIdOf(image));
  return {
    index: image.index,
    kind: sourceUrl === null ? 'stored' : 'url',
    url: sourceUrl ?? ownUrl,
    state,
    archived_url: sourceUrl !== null && state === 'stored' ? ownUrl : null,
    sha256: image.sha256,
    width: image.width,
    height: image.height,
    mime_type: image.mimeType,
    from_image: image.fromImage ?? null,
  };
}

/** The request as it was accepted, with references in place of the images. */
function withInputs(request: object, inputs: readonly InputImageRecord[]): Record<string, unknown> {
  if (inputs.length === 0) return { ...request };
  const urls = inputs.map((input) => input.url);
  return { ...request, image: urls.length === 1 ? urls[0] : urls };
}

/** How much of a prompt a list of images or a lineage shows, in code points. */
const MAX_SHOWN_PROMPT = 200;

/** The beginning of a prompt. */
export function shortPrompt(prompt: string): string {
  return Array.from(prompt.slice(0, 2 * MAX_SHOWN_PROMPT))
    .slice(0, MAX_SHOWN_PROMPT)
    .join('');
}

/** A generation of a lineage; without content if it was deleted for good. */
export function nodeOf(id: string, record: GenerationRecord | undefined): LineageNode {
  if (record === undefined)
    return {
      id,
      exists: false,
      state: null,
      model: null,
      prompt: null,
      created_at: null,
      deleted_at: null,
      images: [],
    };
  const { state, model, prompt, created_at, deleted_at, images } = record;
  const shown = images.filter((image) => image.deleted_at === null);
  return {
    id,
    exists: true,
    state,
    model,
    prompt: shortPrompt(prompt),
    created_at,
    deleted_at,
    images: shown.flatMap(({ id: imageId, url, width, height, thumbhash }) =>
      url === null ? [] : [{ id: imageId, url, width, height, thumbhash }],
    ),
  };
}
