import type { GenerationRecord, ImageRecord, InputImageRecord, LineageNode } from '@wan-image/core';
import { amountOf } from '../domain/money.ts';
import { settledMessage } from '../domain/settled-message.ts';
import type { GenerationEntity } from '../ledger/generation.entity.ts';
import type { WatchedRecord } from './generation-events.ts';
import { imageIdOf } from '../domain/image-key.ts';
import { MAX_SHOWN_PROMPT, type RecordImage, type StoredRecord, type WatchedRecordRow } from './records.repository.ts';

/** Returns the permanent URL of an image. */
export type UrlOfImage = (imageId: string) => string;

/** Maps rows to the record of the contract. */
export function toRecord(
  { generation, images, tags, derivedFrom }: StoredRecord,
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
    images: outputsOf(images, urlOf),
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
    tags: [...tags],
    note: generation.note,
    deleted_at: generation.deletedAt?.toISOString() ?? null,
    derived_from: [...derivedFrom],
  };
}

/** Maps rows to what events tell of them. */
export function toWatched(row: WatchedRecordRow, urlOf: UrlOfImage): WatchedRecord {
  const { id, state, outcome, finishedAt, images } = row;
  return {
    id,
    state,
    outcome,
    error: settledError(row),
    images: outputsOf(images, urlOf),
    finished_at: finishedAt?.toISOString() ?? null,
  };
}

function outputsOf(images: readonly RecordImage[], urlOf: UrlOfImage): ImageRecord[] {
  return images.filter((image) => image.role === 'output').map((image) => toImage(image, urlOf));
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

export function toImage(image: RecordImage, urlOf: UrlOfImage): ImageRecord {
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
    favorite: image.favorite,
    thumbhash: image.thumbhash,
    deleted_at: image.deletedAt?.toISOString() ?? null,
  };
}

function toInputImage(image: RecordImage, urlOf: UrlOfImage): InputImageRecord {
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

/** The beginning of a prompt. */
function shortPrompt(prompt: string): string {
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
