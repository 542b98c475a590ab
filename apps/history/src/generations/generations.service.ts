import type { AcceptedRequest, GenerationList, GenerationRecord, ListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ServiceAddress } from '../http/service-address.ts';
import type { GenerationImageEntity, NewImage } from './generation-image.entity.ts';
import { toRecord } from './generation-mapper.ts';
import type { GenerationEntity, StoredError } from './generation.entity.ts';
import { GenerationsRepository, type Ending } from './generations.repository.ts';
import type { ImageKey } from './image-id.ts';

const INTERRUPTED: StoredError = {
  type: 'server_error',
  code: 'interrupted',
  message:
    'The service stopped while this generation was under way. It may have been billed: check before you try again.',
  param: null,
};

/** The history: every generation and what became of it. */
@Injectable()
export class GenerationsService {
  readonly #repository: GenerationsRepository;
  readonly #address: ServiceAddress;

  constructor(repository: GenerationsRepository, address: ServiceAddress) {
    this.#repository = repository;
    this.#address = address;
  }

  /** Commits the row, as running, before any money is spent. Returns its id. */
  async start(
    { request, extra, dropped }: AcceptedRequest,
    source: string,
    inputs: readonly NewImage[],
  ): Promise<GenerationEntity> {
    const { image: _, ...parameters } = request;
    const now = new Date();
    const generation: GenerationEntity = {
      id: uuidv7({ msecs: now.getTime() }),
      state: 'running',
      outcome: null,
      source,
      model: request.model,
      prompt: request.prompt,
      request: { ...extra, ...parameters },
      dropped: [...dropped],
      error: null,
      upstreamRequestId: null,
      upstreamStatus: null,
      attempts: null,
      upstreamExtra: null,
      createdAt: now,
      sentAt: now,
      finishedAt: null,
    };
    await this.#repository.insert(generation, inputs);
    return generation;
  }

  /** The one place where a row learns how its generation ended. */
  async finish(id: string, ending: Omit<Ending, 'finishedAt'>, results: readonly NewImage[]): Promise<void> {
    await this.#repository.finish(id, { ...ending, finishedAt: new Date() }, results);
  }

  /** Ends what was under way when a process died: it was sent, so nobody knows whether it was billed, and it is never sent again. */
  async failInterrupted(sentBefore: Date): Promise<number> {
    return this.#repository.failAbandoned(sentBefore, INTERRUPTED, new Date());
  }

  async list(query: ListQuery): Promise<GenerationList> {
    const { found, hasMore } = await this.#repository.list(query);
    const data = found.map((generation) => toRecord(generation, this.#address.urlOfImage));
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  async get(id: string): Promise<GenerationRecord | null> {
    const found = await this.#repository.get(id);
    return found && toRecord(found, this.#address.urlOfImage);
  }

  getImage(key: ImageKey): Promise<GenerationImageEntity | null> {
    return this.#repository.getImage(key);
  }

  updateImage(key: ImageKey, changes: Partial<NewImage>): Promise<void> {
    return this.#repository.updateImage(key, changes);
  }

  pendingImages(limit: number): Promise<GenerationImageEntity[]> {
    return this.#repository.pendingImages(limit);
  }
}
