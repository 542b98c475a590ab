import type { ClientReference, GenerationRecord, ListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { ReadScope } from '../domain/scope.ts';
import { ServiceAddress } from '../links/service-address.ts';
import type { WatchedRecord } from './generation-events.ts';
import { toRecord, toWatched } from './generation-mapper.ts';
import { GenerationsRepository } from './generations.repository.ts';
import { RecordPage } from './record-page.ts';

/** Who reads: the admin key also sees what concerns the account at the upstream. */
type Viewer = ReadScope & { readonly isAdmin?: boolean };

/** The records of generations, in the form that clients receive. */
@Injectable()
export class GenerationsService {
  constructor(
    private readonly repository: GenerationsRepository,
    private readonly address: ServiceAddress,
  ) {}

  /** A page whose records are not read yet. */
  async page(
    scope: Viewer,
    { limit, cursor, user = null, metadata = null }: ListQuery & Partial<ClientReference>,
  ): Promise<RecordPage> {
    const filter = { user, metadata, ...(cursor === undefined ? {} : { before: cursor }) };
    const { batches, lastId, hasMore } = await this.repository.page(scope, filter, limit);
    const read = (ids: readonly string[]): Promise<GenerationRecord[]> => this.#inOrder(ids, scope.isAdmin);
    return new RecordPage(batches, read, { has_more: hasMore, next_cursor: hasMore ? lastId : null });
  }

  async #inOrder(ids: readonly string[], isAdmin = false): Promise<GenerationRecord[]> {
    const found = await this.repository.findMany(ids);
    return found
      .toSorted((one, other) => (one.generation.id < other.generation.id ? 1 : -1))
      .map((one) => toRecord(one, this.address.urlOfImage, isAdmin));
  }

  /** Null if there is none within the scope. */
  async get(scope: Viewer, id: string): Promise<GenerationRecord | null> {
    const found = await this.repository.get(scope, id);
    return found && toRecord(found, this.address.urlOfImage, scope.isAdmin);
  }

  /** What events tell of these generations, by id; of those that exist. */
  async getWatched(ids: readonly string[]): Promise<ReadonlyMap<string, WatchedRecord>> {
    const found = await this.repository.findWatched(ids);
    return new Map(found.map((one) => [one.generation.id, toWatched(one, this.address.urlOfImage)]));
  }
}
