import type { ClientReference, GenerationList, GenerationRecord, ListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { ReadScope } from '../domain/scope.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { toRecord } from './generation-mapper.ts';
import { GenerationsRepository } from './generations.repository.ts';

/** Who reads: the admin key also sees what concerns the account at the upstream. */
type Viewer = ReadScope & { readonly isAdmin?: boolean };

/** The records of generations, in the form that clients receive. */
@Injectable()
export class GenerationsService {
  constructor(
    private readonly repository: GenerationsRepository,
    private readonly address: ServiceAddress,
  ) {}

  async list(
    scope: Viewer,
    { limit, cursor, user = null, metadata = null }: ListQuery & Partial<ClientReference>,
  ): Promise<GenerationList> {
    const filter = { user, metadata, ...(cursor === undefined ? {} : { before: cursor }) };
    const { found, hasMore } = await this.repository.list(scope, filter, limit);
    const data = found.map((generation) => toRecord(generation, this.address.urlOfImage, scope.isAdmin));
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  /** Null if there is none within the scope. */
  async get(scope: Viewer, id: string): Promise<GenerationRecord | null> {
    const found = await this.repository.get(scope, id);
    return found && toRecord(found, this.address.urlOfImage, scope.isAdmin);
  }

  /** The existing ones of these generations, by id. */
  async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, GenerationRecord>> {
    const found = await this.repository.findMany(ids);
    return new Map(found.map((one) => [one.generation.id, toRecord(one, this.address.urlOfImage)]));
  }
}
