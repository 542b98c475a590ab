import type { BulkAction, TagList, UpdateGenerationRequest } from '@wan-image/core';
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
import { PurgeRepository } from '../ledger/purge.repository.ts';
import {
  addTags,
  PURGE_IMAGE_PARTS,
  LibraryRepository,
  PURGE_PARTS,
  removeTags,
  setTags,
  tagsOf,
} from './library.repository.ts';

/** What a bulk change did. What it matched, but neither changed nor skipped, was so already. */
export interface BulkChanges {
  readonly matched: number;
  readonly changed: number;
  /** Still in flight, or would have too many tags. */
  readonly skipped: number;
}

/** What people do with what was generated: tags, notes, favorites, the bin, deletion for good. */
@Injectable()
export class LibraryService {
  constructor(
    private readonly bin: BinRepository,
    private readonly purge: PurgeRepository,
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
      ? await this.purge.purgeGenerations(scope, [id], PURGE_PARTS)
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
      ? await this.purge.purgeImages(scope, [image], PURGE_IMAGE_PARTS)
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

  /** Changes generations. What does not exist in the project is not matched. */
  async changeGenerations(
    scope: Scope,
    ids: readonly string[],
    change: BulkAction,
    within?: Transaction,
  ): Promise<BulkChanges> {
    if (change.action === 'delete') return changesOf(await this.bin.deleteGenerations(scope, ids, within));
    if (change.action === 'restore') return changesOf(await this.bin.restoreGenerations(scope, ids, within));
    if (change.action === 'purge') return changesOf(await this.purge.purgeGenerations(scope, ids, PURGE_PARTS, within));
    const { add_tags: added = [], remove_tags: removed = [], note } = change;
    const work = async (manager: Transaction, found: readonly LockedGeneration[]): Promise<BulkChanges> => {
      const all = found.map(({ id }) => id);
      const without = removed.length > 0 ? await removeTags(manager, all, removed) : [];
      const { changed: tagged, full } =
        added.length > 0 ? await addTags(manager, scope, all, added) : { changed: [], full: [] };
      const noted = note === undefined ? [] : await setNote(manager, all, note);
      const changed = new Set([...without, ...tagged, ...noted]);
      // To write the text of one that is as it was would cost as much as the change.
      await this.#index(
        manager,
        found
          .filter(({ id }) => changed.has(id))
          .map((one) => ({ id: one.id, note: note === undefined ? one.note : note })),
      );
      return { matched: all.length, changed: changed.size, skipped: full.length };
    };
    return this.bin.withLocked(scope, ids, work, within);
  }

  /** As {@link changeGenerations}, of images alone. */
  async changeImages(
    scope: Scope,
    imageIds: readonly string[],
    change: BulkAction,
    within?: Transaction,
  ): Promise<BulkChanges> {
    const images = imageIds.map(positionOf);
    if (change.action === 'delete') return changesOf(await this.bin.deleteImages(scope, images, within));
    if (change.action === 'restore') return changesOf(await this.bin.restoreImages(scope, images, within));
    if (change.action === 'purge')
      return changesOf(await this.purge.purgeImages(scope, images, PURGE_IMAGE_PARTS, within));
    const favored = await this.library.setFavorite(scope, images, change.favorite === true, within);
    return { ...favored, skipped: 0 };
  }

  /** How many of these images there are. */
  matchedImages(scope: Scope, imageIds: readonly string[]): Promise<number> {
    return this.library.countImages(scope, imageIds.map(positionOf));
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

function changesOf({ matched, changed, inFlight }: Changed<unknown>): BulkChanges {
  return { matched: matched.length, changed: changed.length, skipped: inFlight.length };
}

function noImage(): ApiError {
  return notFound('This image');
}

function isInFlight(): ApiError {
  const message =
    'The generation is still in flight, so it cannot be deleted. Cancel it with POST /v1/generations/{id}/cancel, or wait for its end.';
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'generation_in_flight' });
}
