import {
  searchWords,
  type FilteredListQuery,
  type GenerationFilter,
  type GenerationList,
  type GenerationRecord,
  type ImageList,
  type ImageListItem,
  type ListCount,
  type SearchProgress,
} from '@wan-image/core';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ReadScope } from '../domain/scope.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { cursorOf, readCursor, type ListIdentity, type Position } from './cursor.ts';
import { toImage } from './generation-mapper.ts';
import { GenerationsService } from './generations.service.ts';
import { RecordPage } from './record-page.ts';
import { ListsRepository, MAX_COUNT } from './lists.repository.ts';
import { RecordsRepository } from './records.repository.ts';
import { matchesOf } from './search-matches.ts';
import { SearchProgressRepository } from './search-progress.repository.ts';

/** Who reads: the admin key also sees what concerns the account at the upstream. */
type Viewer = ReadScope & { readonly isAdmin?: boolean };

type Kind = ListIdentity['kind'];

/** Lists of generations and of images, which take the same filter. */
@Injectable()
export class ListsService {
  constructor(
    private readonly lists: ListsRepository,
    private readonly records: GenerationsService,
    private readonly rows: RecordsRepository,
    private readonly progress: SearchProgressRepository,
    private readonly address: ServiceAddress,
  ) {}

  /** A page whose records are not read yet. */
  async generations(viewer: Viewer, { page, filter }: FilteredListQuery): Promise<RecordPage> {
    const list: ListIdentity = { kind: 'generations', scope: viewer, filter, order: page.order };
    const after = readCursor(page.cursor, list);
    const ids = await this.lists.generations({ ...list, after, limit: page.limit + 1 });
    const {
      page: { batches, lastId, hasMore },
      records: only,
    } = await this.rows.page(ids, page.limit);
    const words = searchWords(filter.q ?? '');
    const read = async (some: readonly string[]): Promise<GenerationRecord[]> => {
      const records =
        only === null
          ? await this.records.getInOrder(some, viewer.isAdmin)
          : this.records.recordsFrom(only, viewer.isAdmin);
      for (const record of words.length === 0 ? [] : records) {
        record.matches = matchesOf(record, words);
        // Long texts take long, and other requests wait meanwhile.
        await setImmediate();
      }
      return records;
    };
    const last = lastId === null ? null : { generationId: lastId, index: 0 };
    return new RecordPage(batches, read, {
      ...this.#next(list, hasMore, last),
      ...(await this.#about(list, page.count)),
    });
  }

  async images(viewer: Viewer, { page, filter }: FilteredListQuery): Promise<ImageList> {
    const list: ListIdentity = { kind: 'images', scope: viewer, filter, order: page.order };
    const after = readCursor(page.cursor, list);
    const keys = await this.lists.images({ ...list, after, limit: page.limit + 1 });
    const shown = keys.slice(0, page.limit);
    const data = await this.#imageRows(shown);
    return {
      object: 'list',
      data,
      ...this.#next(list, keys.length > page.limit, shown.at(-1) ?? null),
      ...(await this.#about(list, page.count)),
    };
  }

  async #imageRows(keys: readonly Position[]): Promise<ImageListItem[]> {
    const images = await this.rows.images(keys);
    return images.map((image) => {
      const { generationId, index, setSize, generationDeletedAt, prompt, model, createdAt } = image;
      const { id, object, state, width, height, thumbhash, favorite, deleted_at } = toImage(
        image,
        this.address.urlOfImage,
      );
      return {
        id,
        object,
        generation_id: generationId,
        index,
        set_size: setSize,
        state,
        width,
        height,
        thumbhash,
        url: this.address.urlOfImage(id),
        favorite,
        deleted_at: deleted_at ?? generationDeletedAt?.toISOString() ?? null,
        prompt,
        model,
        created_at: createdAt.toISOString(),
      };
    });
  }

  #next(list: ListIdentity, hasMore: boolean, last: Position | null): Pick<GenerationList, 'has_more' | 'next_cursor'> {
    return { has_more: hasMore, next_cursor: hasMore && last !== null ? cursorOf(last, list) : null };
  }

  /** What a list tells about itself where its query asks. */
  async #about(
    { kind, scope, filter }: ListIdentity,
    isCounted: boolean,
  ): Promise<{ readonly count?: ListCount; readonly search?: SearchProgress }> {
    const search = await this.progress.of(filter);
    return {
      ...(isCounted && { count: await this.#countUpTo(kind, scope, filter) }),
      ...(search !== null && { search }),
    };
  }

  async #countUpTo(kind: Kind, scope: ReadScope, filter: GenerationFilter): Promise<ListCount> {
    const found = await this.lists.count(kind, scope, filter);
    return { value: Math.min(found, MAX_COUNT), capped: found > MAX_COUNT };
  }
}
