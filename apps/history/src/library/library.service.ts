import type { BulkAction, BulkResult, TagList, UpdateGenerationRequest } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/sql.ts';
import { ApiError, notFound } from '../domain/api-error.ts';
import { readImageId } from '../domain/image-key.ts';
import type { ReadScope, Scope } from '../domain/scope.ts';
import {
  BinRepository,
  indexNotes,
  setNote,
  type Changed,
  type ImagePosition,
  type LockedGeneration,
} from '../ledger/bin.repository.ts';
import {
  addTags,
  PURGE_IMAGE_PARTS,
  LibraryRepository,
  PURGE_PARTS,
  removeTags,
  setTags,
  tagsOf,
} from './library.repository.ts';

/** What people do with what was generated: tags, notes, favorites, the bin, deletion for good. */
@Injectable()
export class LibraryService {
  constructor(
    private readonly bin: BinRepository,
    private readonly library: LibraryRepository,
  ) {}

  /** Changes tags and note. Returns whether the generation exists. */
  update(scope: Scope, id: string, { tags, note }: UpdateGenerationRequest): Promise<boolean> {
    return this.bin.withLocked(scope, [id], async (manager, [found]) => {
      if (found === undefined) return false;
      if (tags !== undefined) await setTags(manager, scope, id, tags ?? []);
      if (note !== undefined) await setNote(manager, [id], note);
      await this.#index(manager, [{ id, note: note === undefined ? found.note : note }]);
      return true;
    });
  }

  /** Deletes a generation, into the bin or for good. Throws an ApiError if it does not exist, or is in flight. */
  async deleteGeneration(scope: Scope, id: string, isForGood: boolean): Promise<void> {
    const { matched, inFlight } = isForGood
      ? await this.bin.purgeGenerations(scope, [id], PURGE_PARTS)
      : await this.bin.deleteGenerations(scope, [id]);
    if (matched.length === 0) throw notFound('This generation');
    if (inFlight.length > 0) throw isInFlight();
  }

  async restoreGeneration(scope: Scope, id: string): Promise<void> {
    const { matched } = await this.bin.restoreGenerations(scope, [id]);
    if (matched.length === 0) throw notFound('This generation');
  }

  async deleteImage(scope: Scope, imageId: string, isForGood: boolean): Promise<void> {
    const image = positionOf(imageId);
    const { matched, inFlight } = isForGood
      ? await this.bin.purgeImages(scope, [image], PURGE_IMAGE_PARTS)
      : await this.bin.deleteImages(scope, [image]);
    if (matched.length === 0) throw noImage();
    if (inFlight.length > 0) throw isInFlight();
  }

  async restoreImage(scope: Scope, imageId: string): Promise<void> {
    const { matched } = await this.bin.restoreImages(scope, [positionOf(imageId)]);
    if (matched.length === 0) throw noImage();
  }

  async setFavorite(scope: Scope, imageId: string, isFavorite: boolean): Promise<void> {
    const { matched } = await this.library.setFavorite(scope, [positionOf(imageId)], isFavorite);
    if (matched === 0) throw noImage();
  }

  /** Changes generations. Those that do not exist in the project count as not matched, those in flight as not changed. */
  async changeGenerations(
    scope: Scope,
    ids: readonly string[],
    change: BulkAction,
    within?: Transaction,
  ): Promise<BulkResult> {
    if (change.action === 'delete') return resultOf(await this.bin.deleteGenerations(scope, ids, within));
    if (change.action === 'restore') return resultOf(await this.bin.restoreGenerations(scope, ids, within));
    if (change.action === 'purge') return resultOf(await this.bin.purgeGenerations(scope, ids, PURGE_PARTS, within));
    const { add_tags: added = [], remove_tags: removed = [], note } = change;
    const work = async (manager: Transaction, found: readonly LockedGeneration[]): Promise<BulkResult> => {
      const all = found.map(({ id }) => id);
      if (removed.length > 0) await removeTags(manager, all, removed);
      const full = added.length > 0 ? await addTags(manager, scope, all, added) : new Set<string>();
      if (note !== undefined) await setNote(manager, all, note);
      await this.#index(
        manager,
        found.map((one) => ({ id: one.id, note: note === undefined ? one.note : note })),
      );
      return { object: 'bulk_result', matched: all.length, changed: all.length - full.size };
    };
    return this.bin.withLocked(scope, ids, work, within);
  }

  /** As {@link changeGenerations}, of images alone. */
  async changeImages(scope: Scope, imageIds: readonly string[], change: BulkAction): Promise<BulkResult> {
    const images = imageIds.map(positionOf);
    if (change.action === 'delete') return resultOf(await this.bin.deleteImages(scope, images));
    if (change.action === 'restore') return resultOf(await this.bin.restoreImages(scope, images));
    if (change.action === 'purge') return resultOf(await this.bin.purgeImages(scope, images, PURGE_IMAGE_PARTS));
    const favored = await this.library.setFavorite(scope, images, change.favorite === true);
    return { object: 'bulk_result', ...favored };
  }

  /** How many of these images there are. */
  async matchedImages(scope: Scope, imageIds: readonly string[]): Promise<BulkResult> {
    const matched = await this.library.countImages(scope, imageIds.map(positionOf));
    return { object: 'bulk_result', matched, changed: 0 };
  }

  /** Of what is not in the bin, the most used first. */
  tags(scope: ReadScope): Promise<TagList['data']> {
    return this.library.tags(scope);
  }

  async #index(manager: Transaction, generations: readonly LockedGeneration[]): Promise<void> {
    const tags = await tagsOf(
      manager,
      generations.map(({ id }) => id),
    );
    for (const { id, note } of generations)
      await indexNotes(manager, id, [...(note === null ? [] : [note]), ...(tags.get(id) ?? [])]);
  }
}

function positionOf(imageId: string): ImagePosition {
  const key = readImageId(imageId.toLowerCase());
  if (key === null || key.role === 'input') throw noImage();
  return { generationId: key.generationId, index: key.index };
}

function resultOf({ matched, changed }: Changed<unknown>): BulkResult {
  return { object: 'bulk_result', matched: matched.length, changed: changed.length };
}

function noImage(): ApiError {
  return notFound('This image');
}

function isInFlight(): ApiError {
  const message =
    'The generation is still in flight, so it cannot be deleted. Cancel it with POST /v1/generations/{id}/cancel, or wait for its end.';
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'generation_in_flight' });
}
