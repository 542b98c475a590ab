import type { GenerationRecord, Lineage, SingleImageRecord } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { notFound } from '../domain/api-error.ts';
import { readImageId } from '../domain/image-key.ts';
import type { ReadScope } from '../domain/scope.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { nodeOf, toRecord, toWatched } from './generation-mapper.ts';
import type { WatchedRecord } from './generation-events.ts';
import { LineageRepository } from './lineage.repository.ts';
import { GenerationsRepository, type GenerationWithImages } from './generations.repository.ts';

/** How many generations a lineage has at most. */
const MAX_LINEAGE_NODES = 200;

/** Who reads: the admin key also sees what concerns the account at the upstream. */
type Viewer = ReadScope & { readonly isAdmin?: boolean };

/** The records of generations, in the form that clients receive. */
@Injectable()
export class GenerationsService {
  constructor(
    private readonly repository: GenerationsRepository,
    private readonly lineages: LineageRepository,
    private readonly address: ServiceAddress,
  ) {}

  /** Throws an ApiError (404) if there is none within the scope. */
  async get(scope: Viewer, id: string): Promise<GenerationRecord> {
    const found = await this.repository.get(scope, id);
    const [record] = found === null ? [] : await this.#records([found], scope.isAdmin);
    if (record === undefined) throw notFound('This generation');
    return record;
  }

  /** What a generation was made from, and what was made from it. Throws an ApiError (404) if it is not within the scope. */
  async lineage(scope: Viewer, id: string): Promise<Lineage> {
    if (!(await this.repository.has(scope, id))) throw notFound('This generation');
    const { ids, edges, truncated } = await this.lineages.of(id, MAX_LINEAGE_NODES);
    const records = new Map((await this.#records(await this.repository.findMany(ids))).map((one) => [one.id, one]));
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
    const found = key === null || key.role === 'input' ? null : await this.repository.get(scope, key.generationId);
    const [record] = found === null ? [] : await this.#records([found], scope.isAdmin);
    const image = record?.images.find(({ index }) => index === key?.index);
    if (record === undefined || image === undefined) throw notFound('This image');
    return { ...image, generation_id: record.id };
  }

  /** What events tell of these generations, by id; of those that exist. */
  async getWatched(ids: readonly string[]): Promise<ReadonlyMap<string, WatchedRecord>> {
    const found = await this.repository.findWatched(ids);
    const library = await this.repository.libraryOf(found);
    return new Map(
      found.flatMap((one) => {
        const { id } = one.generation;
        const facts = library.get(id);
        return facts === undefined ? [] : [[id, toWatched(one, facts, this.address.urlOfImage)] as const];
      }),
    );
  }

  /** The existing ones of these generations, in the order of the ids. */
  async getInOrder(ids: readonly string[], isAdmin = false): Promise<GenerationRecord[]> {
    return this.#records(await this.repository.findMany(ids), isAdmin);
  }

  async #records(found: readonly GenerationWithImages[], isAdmin = false): Promise<GenerationRecord[]> {
    const library = await this.repository.libraryOf(found);
    return found.flatMap((one) => {
      const facts = library.get(one.generation.id);
      return facts === undefined ? [] : [toRecord(one, facts, this.address.urlOfImage, isAdmin)];
    });
  }
}
