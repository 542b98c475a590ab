import type { GeneratedImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { NewImage } from '../generations/generation-image.entity.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { imageIdOf } from '../generations/image-id.ts';
import { PicturesService, type ReceivedPicture } from '../images/pictures.service.ts';
import { LOGGER } from '../telemetry/logger.ts';

/** A result picture as the vendor gave it, and as it is recorded. */
export interface Result {
  /** Of the generation. */
  readonly id: string;
  readonly given: GeneratedImage;
  readonly row: NewImage;
  /** The bytes of what no disk took, and of what is no picture. */
  readonly memory: Uint8Array | null;
}

const NOT_KEPT = { sha256: null, width: null, height: null, bytes: null, mimeType: null } as const;

/** The result pictures of calls as they arrive: kept, then recorded. */
@Injectable()
export class ResultsService {
  readonly #generations: GenerationsService;
  readonly #pictures: PicturesService;
  readonly #logger: Logger;

  constructor(generations: GenerationsService, pictures: PicturesService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#pictures = pictures;
    this.#logger = logger;
  }

  /** Those of one generation, none at first. */
  of(id: string): Results {
    return new Results(id, this.#pictures, async (row) => {
      try {
        await this.#generations.addImage(id, row);
      } catch (error) {
        this.#logger.error({ generation_id: id, index: row.index, err: error }, 'a picture is recorded at the end');
      }
    });
  }
}

/** The result pictures of one call. */
export class Results {
  readonly #id: string;
  readonly #pictures: PicturesService;
  readonly #write: (row: NewImage) => Promise<void>;
  readonly #received = new Map<number, ReceivedPicture>();
  readonly #results: Result[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(id: string, pictures: PicturesService, write: (row: NewImage) => Promise<void>) {
    this.#id = id;
    this.#pictures = pictures;
    this.#write = write;
  }

  get all(): readonly Result[] {
    return this.#results;
  }

  get rows(): readonly NewImage[] {
    return this.#results.map(({ row }) => row);
  }

  /** Takes in the bytes of one. Rejects only as they do: a disk that fails ends no call. */
  async receive(index: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const imageId = imageIdOf({ generationId: this.#id, role: 'output', index });
    this.#received.set(index, await this.#pictures.receive(imageId, bytes));
  }

  /** One that is whole, with what is said about it. */
  add(given: GeneratedImage): Result {
    const received = this.#received.get(given.index);
    this.#received.delete(given.index);
    const result: Result = {
      id: this.#id,
      given,
      row: { role: 'output', index: given.index, revisedPrompt: given.revisedPrompt, ...keptOf(given, received) },
      memory: received?.in === 'memory' ? received.bytes : null,
    };
    this.#results.push(result);
    return result;
  }

  /** Records one at once, so that a crash loses nothing that was stored. Nobody waits for it but the end, which adds what is missing. */
  record({ row }: Result): void {
    this.#writing = this.#writing.then(() => this.#write(row));
  }

  /** When the database has answered to all of that. */
  recorded(): Promise<void> {
    return this.#writing;
  }
}

function keptOf(
  { url }: GeneratedImage,
  received: ReceivedPicture | undefined,
): Omit<NewImage, 'role' | 'index' | 'revisedPrompt'> {
  if (received?.in === 'store') return { ...received.picture, state: 'stored', sourceUrl: null };
  if (received?.in === 'spool') return { ...received.picture, state: 'pending', sourceUrl: null };
  return { ...NOT_KEPT, state: url === null ? 'lost' : 'pending', sourceUrl: url };
}
