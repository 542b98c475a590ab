import type { GenerationFilter, ListOrder } from '@wan-image/core';
import { firstIdOf } from '../../src/database/partitions.ts';
import type { DataSource } from 'typeorm';
import { DEFAULT_PROJECT_ID } from '../../src/domain/project-id.ts';
import { ALL_PROJECTS, type ReadScope } from '../../src/domain/scope.ts';
import { sizedRows } from '../../src/generations/generation-pages.repository.ts';
import { LineageRepository } from '../../src/generations/lineage.repository.ts';
import { ListsRepository } from '../../src/generations/lists.repository.ts';
import { RecordsRepository } from '../../src/generations/records.repository.ts';
import { TextSearchRepository } from '../../src/generations/text-search.repository.ts';
import { BinRepository } from '../../src/ledger/bin.repository.ts';
import { PurgeRepository } from '../../src/ledger/purge.repository.ts';
import { PurgedFilesRepository } from '../../src/ledger/purged-files.repository.ts';
import { addTags, LibraryRepository, PURGE_PARTS, removeTags, tagsOf } from '../../src/library/library.repository.ts';
import { RetainedRowsRepository } from '../../src/retention/retained-rows.repository.ts';
import { FIRST_ID, PARTS } from '../../src/retention/retention-parts.ts';
import { SweepRepository } from '../../src/sweep/sweep.repository.ts';
import { ThumbhashesRepository } from '../../src/thumbnails/thumbhashes.repository.ts';
import { ThumbnailsRepository } from '../../src/thumbnails/thumbnails.repository.ts';

/** Some rows of the data. */
export interface Samples {
  readonly ids: readonly string[];
  readonly sha256s: readonly string[];
  /** A generation that others were made from. */
  readonly parent: string;
}

/** A query whose SQL is reviewed: `test/sql/<name>.sql` is what is really sent. */
export interface ReviewedQuery {
  readonly name: string;
  readonly run: (dataSource: DataSource, samples: Samples) => Promise<unknown>;
  /** Why it may sort what it has found. */
  readonly sorts?: string;
  /** The table that it is to read as a whole. */
  readonly reads?: string;
}

const OWN: ReadScope = { projectId: DEFAULT_PROJECT_ID };
const ALL: ReadScope = { projectId: ALL_PROJECTS };

interface ListCase {
  readonly name: string;
  readonly filter: GenerationFilter | ((samples: Samples) => GenerationFilter);
  readonly scope?: ReadScope;
  readonly order?: ListOrder;
  readonly kind?: 'generations' | 'images';
  readonly isContinued?: boolean;
  readonly sorts?: string;
}

const FEW = 'what it has found is bounded by a page';
const RARE = 'what the index finds for a word that is rare among the newest texts';
const OF_ONE = 'what was made from one generation, or has the bytes of one image';

const LISTS: readonly ListCase[] = [
  { name: 'newest', filter: {} },
  { name: 'continued', filter: {}, isContinued: true },
  { name: 'oldest', filter: {}, order: 'asc' },
  { name: 'of-all-projects', filter: {}, scope: ALL },
  { name: 'within-time', filter: { created_after: yesterdays(9), created_before: yesterdays(2) } },
  { name: 'ids', filter: ({ ids }) => ({ id: [...ids] }), sorts: FEW },
  { name: 'failed', filter: { state: ['failed'] } },
  { name: 'unknown', filter: { outcome: ['unknown'] } },
  { name: 'deleted', filter: { deleted: true } },
  { name: 'of-model', filter: { model: ['wan2.7-image'] } },
  { name: 'of-size', filter: { size: ['1K', '1024x768'] } },
  { name: 'of-source-and-key', filter: { source: ['api'], api_key: [DEFAULT_PROJECT_ID] } },
  { name: 'not-simulated', filter: { simulated: false } },
  { name: 'with-input-images', filter: { has_input_image: true } },
  { name: 'of-user', filter: { user: 'u7' } },
  {
    name: 'of-user-of-all-projects',
    filter: { user: 'u7' },
    scope: ALL,
    sorts: 'what one user has, if that is a batch',
  },
  { name: 'of-metadata', filter: { metadata: { order: '7' } } },
  { name: 'of-seed', filter: { seed: 7 } },
  { name: 'tagged', filter: { tag: ['t7'] } },
  { name: 'tagged-twice', filter: { tag: ['t7', 'all'] } },
  { name: 'tagged-of-all-projects', filter: { tag: ['t7'] }, scope: ALL },
  { name: 'favorites', filter: { favorite: true } },
  { name: 'derived', filter: ({ parent }) => ({ derived_from: parent }), sorts: OF_ONE },
  { name: 'of-bytes', filter: ({ sha256s: [sha256 = ''] }) => ({ image_sha256: sha256 }), sorts: OF_ONE },
  { name: 'newest', kind: 'images', filter: {} },
  { name: 'continued', kind: 'images', filter: {}, isContinued: true },
  { name: 'oldest', kind: 'images', filter: {}, order: 'asc' },
  { name: 'favorites', kind: 'images', filter: { favorite: true } },
  { name: 'tagged', kind: 'images', filter: { tag: ['t7'] } },
  { name: 'deleted', kind: 'images', filter: { deleted: true }, sorts: 'the bin, which is emptied from time to time' },
  { name: 'search-rare', filter: { q: '罕見 狐狸' }, sorts: RARE },
  { name: 'search-frequent', filter: { q: '狐狸' }, sorts: FEW },
  { name: 'search-tagged', filter: { q: '狐狸', tag: ['t7'] }, sorts: 'some thousand ids at most' },
  { name: 'search', kind: 'images', filter: { q: '罕見' }, sorts: RARE },
];

function yesterdays(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

export const REVIEWED_QUERIES: readonly ReviewedQuery[] = [
  ...LISTS.map(listQuery),
  {
    name: 'page-of-generations',
    run: async (dataSource, { ids }) => {
      const records = new RecordsRepository(dataSource);
      await records.page(ids, ids.length);
      await records.images(ids.map((generationId) => ({ generationId, index: 0 })));
      await records.watched(ids);
      await sizedRows(dataSource, ids);
    },
    sorts: FEW,
  },
  { name: 'lineage', run: (dataSource, { parent }) => new LineageRepository(dataSource).of(parent, 200), sorts: FEW },
  {
    name: 'tags',
    run: (dataSource) => new LibraryRepository(dataSource).tags(OWN),
    sorts: 'by the counts of all tags',
    reads: 'generation_tag',
  },
  {
    name: 'tags-of-generations',
    run: async ({ manager }, { ids }) => {
      await addTags(manager, { projectId: DEFAULT_PROJECT_ID }, ids, ['new']);
      await tagsOf(manager, ids);
      await removeTags(manager, ids, ['new']);
    },
    sorts: FEW,
  },
  {
    name: 'bin',
    run: async (dataSource, { ids }) => {
      const bin = new BinRepository(dataSource);
      const scope = { projectId: DEFAULT_PROJECT_ID };
      const images = ids.map((generationId) => ({ generationId, index: 0 }));
      await bin.deleteGenerations(scope, ids);
      await bin.restoreGenerations(scope, ids);
      await bin.deleteImages(scope, images);
      await bin.restoreImages(scope, images);
    },
    sorts: FEW,
  },
  {
    name: 'purge',
    run: async (dataSource, { ids }) => {
      const bin = new BinRepository(dataSource);
      // Of another project, so that the rows stay.
      const scope = { projectId: '00000000-0000-7000-8000-00000000ffff' };
      await new PurgeRepository(bin).purgeGenerations(scope, ids, PURGE_PARTS);
    },
    sorts: FEW,
  },
  {
    name: 'retention',
    run: async (dataSource, { ids }) => {
      const rows = new RetainedRowsRepository(dataSource);
      const scope = { projectId: DEFAULT_PROJECT_ID };
      const before = firstIdOf(new Date(yesterdays(2)));
      const limits = {
        binnedBefore: yesterdays(2),
        recordsBefore: before,
        imagesBefore: before,
        inputsBefore: before,
        maxBytes: 1,
        keepsFavorites: true,
        keptTags: ['t7'],
      };
      for (const part of PARTS) {
        await rows.walk(part, scope, limits, FIRST_ID, 500);
        await rows.found(part, scope, limits, ids);
      }
      await rows.nthNewest(scope, 10);
      await rows.storedBytes(scope, FIRST_ID);
    },
    sorts: FEW,
  },
  {
    name: 'sweep',
    run: async (dataSource, { ids, sha256s }) => {
      const rows = new SweepRepository(dataSource);
      await rows.known(sha256s);
      await rows.images(sha256s);
      await rows.youngestFiles(20);
      await rows.fileRows(null, 1000);
      await rows.fileRows({ generationId: ids[0] ?? '', role: 'output', index: 0 }, 1000);
      await rows.thumbnails(null, 1000);
      await rows.generations(ids);
    },
    sorts: FEW,
  },
  {
    name: 'purged-files',
    run: async (dataSource, { sha256s }) => {
      const purged = new PurgedFilesRepository(dataSource);
      await purged.add(sha256s);
      const files = await purged.next('1', 500);
      await purged.remove(files.map(({ id }) => id));
      await new ThumbnailsRepository(dataSource).of(sha256s);
    },
    sorts: FEW,
  },
  {
    name: 'thumbhashes',
    run: async (dataSource, { ids, sha256s: [sha256 = ''] }) => {
      const hashes = new ThumbhashesRepository(dataSource);
      await hashes.page(null, 500);
      await hashes.page(ids[0] ?? '', 500);
      await hashes.after(sha256, 1000);
      await hashes.has(sha256);
      await hashes.isBusy();
    },
    sorts: FEW,
  },
];

function listsOf(dataSource: DataSource): ListsRepository {
  return new ListsRepository(dataSource, new TextSearchRepository(dataSource));
}

function listQuery({ name, filter, scope = OWN, order = 'desc', kind, isContinued, sorts }: ListCase): ReviewedQuery {
  return {
    name: `${kind ?? 'generations'}-${name}`,
    run: (dataSource, samples) =>
      listsOf(dataSource)[kind ?? 'generations']({
        scope,
        filter: typeof filter === 'function' ? filter(samples) : filter,
        order,
        after: isContinued === true ? { generationId: firstIdOf(new Date(yesterdays(3))), index: 0 } : null,
        limit: 51,
      }),
    ...(sorts !== undefined && { sorts }),
  };
}

/** As it is sent, without the indentation of the code around it. */
export function readable(sql: string): string {
  const lines = sql.split('\n').map((line) => line.trimEnd());
  const rest = lines.slice(1).filter((line) => line !== '');
  const margin = Math.min(...rest.map((line) => line.length - line.trimStart().length), 100);
  return [lines[0]?.trim() ?? '', ...lines.slice(1).map((line) => line.slice(margin))].join('\n').trim();
}
