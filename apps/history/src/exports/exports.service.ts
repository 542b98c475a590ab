import { Readable } from 'node:stream';
import {
  MAX_EXPORT_GENERATIONS,
  type BulkTarget,
  type GenerationRecord,
  type ImageRecord,
  type ImageState,
} from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { ApiError, invalidRequest } from '../domain/api-error.ts';
import { readImageId } from '../domain/image-key.ts';
import type { ReadScope } from '../domain/scope.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { ListsRepository } from '../generations/lists.repository.ts';
import { SearchProgressRepository } from '../generations/search-progress.repository.ts';
import { ImageFilesService } from '../images/image-files.service.ts';
import { EntryNames } from './entry-names.ts';
import { zipOf, type ZipEntry } from './zip.ts';

/** Who exports. */
export interface Exporter {
  readonly reads: ReadScope & { readonly isAdmin: boolean };
  /** Whether the archive has images that are in the bin. */
  readonly maySeeBin: boolean;
}

/** What an archive has. */
interface Selection {
  /** Generations that exist, in the order of the archive. */
  readonly ids: readonly string[];
  /** The images that are chosen; null for all. */
  readonly imageIds: ReadonlySet<string> | null;
}

/** The state in the manifest of an image that is stored by its row, and whose file is missing. The row stays: an export only reads. */
const MISSING: ImageState = 'lost';

/** Where the images of an archive are in it, by id. Null: the file of a stored image is missing. */
type Paths = Map<string, string | null>;

/** Archives of what was generated. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly generations: GenerationsService,
    private readonly lists: ListsRepository,
    private readonly progress: SearchProgressRepository,
    private readonly files: ImageFilesService,
  ) {}

  /** The bytes of a zip archive, as they are read. Throws an ApiError if there is nothing to export, or too much. */
  async zip(exporter: Exporter, target: BulkTarget): Promise<AsyncIterable<Uint8Array>> {
    return zipOf(this.#entries(exporter, await this.#select(exporter, target)));
  }

  async #select({ reads }: Exporter, target: BulkTarget): Promise<Selection> {
    if ('filter' in target) {
      await this.progress.checkComplete(target.filter, null);
      const { filter } = target;
      const limit = MAX_EXPORT_GENERATIONS + 1;
      const ids = await this.lists.generations({ scope: reads, filter, order: 'desc', after: null, limit });
      if (ids.length === 0) throw nothing('The filter selects no generation.');
      if (ids.length === limit) throw tooMany();
      return { ids, imageIds: null };
    }
    if ('ids' in target) {
      const ids = await this.#existing(reads, target.ids);
      if (ids.length === 0) throw nothing('None of these generations exists.');
      return { ids, imageIds: null };
    }
    const chosen = new Set(target.image_ids);
    const ids = await this.#existing(
      reads,
      target.image_ids.map((id) => readImageId(id)?.generationId ?? ''),
    );
    const records = await this.generations.getWatched(ids);
    const withChosen = ids.filter((id) => records.get(id)?.images.some((image) => chosen.has(image.id)));
    if (withChosen.length === 0) throw nothing('None of these images exists.');
    return { ids: withChosen, imageIds: chosen };
  }

  /** Those of the ids that exist for the caller, each once, in their order. */
  async #existing(scope: ReadScope, ids: readonly string[]): Promise<readonly string[]> {
    const found = new Set(await this.lists.existing(scope, ids));
    return [...new Set(ids)].filter((id) => found.has(id));
  }

  async *#entries(exporter: Exporter, { ids, imageIds }: Selection): AsyncGenerator<ZipEntry, void, void> {
    const names = new EntryNames();
    const paths: Paths = new Map();
    for await (const record of this.generations.eachInOrder(ids, exporter.reads.isAdmin))
      for (const image of record.images) {
        if (imageIds !== null && !imageIds.has(image.id)) continue;
        const { sha256, bytes } = image;
        if (sha256 === null || bytes === null || !isReadable(record, image, exporter)) continue;
        const content = await this.files.read(sha256);
        const path = content === null ? null : names.next(record, image);
        paths.set(image.id, path);
        if (content !== null && path !== null) yield { path, modified: new Date(record.created_at), content, bytes };
      }
    // Last: it says which images are in the archive. The records are read again, because they may be large.
    const content = Readable.from(this.#manifest(exporter, ids, paths));
    yield { path: 'manifest.jsonl', modified: new Date(), content };
  }

  async *#manifest(exporter: Exporter, ids: readonly string[], paths: Paths): AsyncGenerator<Uint8Array, void, void> {
    for await (const record of this.generations.eachInOrder(ids, exporter.reads.isAdmin)) {
      const images = record.images.map((image) => ({
        ...image,
        // Deleted since its file was looked for: that is why there was none.
        state: paths.get(image.id) === null && image.state === 'stored' ? MISSING : image.state,
        file: paths.get(image.id) ?? null,
      }));
      yield Buffer.from(`${JSON.stringify({ ...record, images })}\n`);
    }
  }
}

function isReadable(record: GenerationRecord, image: ImageRecord, { maySeeBin }: Exporter): boolean {
  if (image.state !== 'stored') return false;
  return maySeeBin || (record.deleted_at === null && image.deleted_at === null);
}

function nothing(what: string): ApiError {
  const message = `${what} There is nothing to export.`;
  return new ApiError(message, { status: 404, type: 'not_found_error', code: 'not_found' });
}

function tooMany(): ApiError {
  return invalidRequest(
    `The filter selects more than ${MAX_EXPORT_GENERATIONS} generations, the most that one export has. Export them in parts, for example by created_after and created_before.`,
    null,
  );
}
