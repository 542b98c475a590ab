import type { GenerationRecord, Lineage, SingleImageRecord } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { notFound } from '../domain/api-error.ts';
import { readImageId } from '../domain/image-key.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { nodeOf, toRecord, toWatched } from './generation-mapper.ts';
import type { WatchedRecord } from './generation-events.ts';
import { LineageRepository } from './lineage.repository.ts';
import { GenerationsRepository } from './generations.repository.ts';
import { RecordsRepository, type StoredRecord } from './records.repository.ts';

/** How many generations a lineage has at most. */
const MAX_LINEAGE_NODES = 200;

/** Who reads: the admin key also sees what concerns the account at the upstream. */
type Viewer = ReadScope & { readonly isAdmin?: boolean };

const ALL: ReadScope = { projectId: ALL_PROJECTS };

/** The records of generations, in the form that clients receive. */
@Injectable()
export class GenerationsService {
  constructor(
    private readonly repository: GenerationsRepository,
    private readonly rows: RecordsRepository,
    private readonly lineages: LineageRepository,
    private readonly address: ServiceAddress,
  ) {}

  /** Throws an ApiError (404) if there is none within the scope. */
  async get(scope: Viewer, id: string): Promise<GenerationRecord> {
    const [record] = this.recordsFrom(await this.rows.of(scope, [id]), scope.isAdmin);
    if (record === undefined) throw notFound('This generation');
    return record;
  }

  /** What a generation was made from, and what was made from it. Throws an ApiError (404) if it is not within the scope. */
  async lineage(scope: Viewer, id: string): Promise<Lineage> {
    if (!(await this.repository.has(scope, id))) throw notFound('This generation');
    const { ids, edges, truncated } = await this.lineages.of(id, MAX_LINEAGE_NODES);
    const records = new Map((await this.getInOrder(ids)).map((one) => [one.id, one]));
    return {
      object: 'lineage',
      nodes: ids.map((node) => nodeOf(node, records.get(node))),
      edges: [...edges],
      truncated,
    };
  }

  /** The record of an output image. Throws an ApiError (404) if there is none within the scope. */
  async getImage(scope: Viewer, imageId: string): Promise<SingleImageRecord> {
    const key = readImageId(imageId.toLowerCase());
    const found = key === null || key.role === 'input' ? [] : await this.rows.of(scope, [key.generationId]);
    const [record] = this.recordsFrom(found, scope.isAdmin);
    const image = record?.images.find(({ index }) => index === key?.index);
    if (record === undefined || image === undefined) throw notFound('This image');
    return { ...image, generation_id: record.id };
  }

  /** What events tell of these generations, by id; of those that exist. */
  async getWatched(ids: readonly string[]): Promise<ReadonlyMap<string, WatchedRecord>> {
    const found = await this.rows.watched(ids);
    return new Map(found.map((one) => [one.id, toWatched(one, this.address.urlOfImage)]));
  }

  /** The existing ones of these generations, in the order of the ids. */
  async getInOrder(ids: readonly string[], isAdmin = false): Promise<GenerationRecord[]> {
    return this.recordsFrom(await this.rows.of(ALL, ids), isAdmin);
  }

  /** As `getInOrder`, no more of them in memory at a time than a page of a list. */
  async *eachInOrder(ids: readonly string[], isAdmin = false): AsyncGenerator<GenerationRecord, void, void> {
    for (let rest = ids; rest.length > 0;) {
      const { page, records } = await this.rows.page(rest, rest.length);
      if (records !== null) yield* this.recordsFrom(records, isAdmin);
      else for (const batch of page.batches) yield* await this.getInOrder(batch, isAdmin);
      rest = rest.slice(page.batches.flat().length);
    }
  }

  /** As clients receive them. */
  recordsFrom(found: readonly StoredRecord[], isAdmin = false): GenerationRecord[] {
    return found.map((one) => toRecord(one, this.address.urlOfImage, isAdmin));
  }
}
