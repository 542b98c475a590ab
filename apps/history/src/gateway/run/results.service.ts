import type { GeneratedImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { NewImage } from '../../ledger/generation-image.entity.ts';
import { GenerationsService } from '../../generations/generations.service.ts';
import { imageIdOf } from '../../domain/image-key.ts';
import { ImageFilesService, type ReceivedImage } from '../../images/image-files.service.ts';
import { LOGGER } from '../../telemetry/logger.ts';

/** A result image as the vendor gave it, and as it is recorded. */
export interface Result {
  /** Of the generation. */
  readonly id: string;
  readonly given: GeneratedImage;
  readonly row: NewImage;
  /** The bytes of what no disk took, and of what is no image. */
  readonly memory: Uint8Array | null;
}

/** How long an image waits for the next one, or for the end, to be recorded along with it. */
const TOGETHER_MS = 20;

const NOT_KEPT = { sha256: null, width: null, height: null, bytes: null, mimeType: null } as const;

/** The result images of calls as they arrive: kept, then recorded. */
@Injectable()
export class ResultsService {
  readonly #generations: GenerationsService;
  readonly #images: ImageFilesService;
  readonly #logger: Logger;

  constructor(generations: GenerationsService, images: ImageFilesService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#images = images;
    this.#logger = logger;
  }

  /** Those of one generation, none at first. */
  of(id: string): Results {
    return new Results(id, this.#images, async (rows) => {
      try {
        await this.#generations.addImages(id, rows);
        return true;
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'images are recorded at the end');
        return false;
      }
    });
  }
}

/** The result images of one call. */
export class Results {
  readonly #id: string;
  readonly #images: ImageFilesService;
  readonly #write: (rows: readonly NewImage[]) => Promise<boolean>;
  readonly #received = new Map<number, ReceivedImage>();
  readonly #results: Result[] = [];
  #unrecorded: NewImage[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isLeftToEnd = false;

  constructor(id: string, images: ImageFilesService, write: (rows: readonly NewImage[]) => Promise<boolean>) {
    this.#id = id;
    this.#images = images;
    this.#write = write;
  }

  get all(): readonly Result[] {
    return this.#results;
  }

  get rows(): readonly NewImage[] {
    return this.#results.map(({ row }) => row);
  }

  /** Takes in the bytes of one. Rejects as they do, or where a disk does not give back what it took. */
  async receive(index: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const imageId = imageIdOf({ generationId: this.#id, role: 'output', index });
    this.#received.set(index, await this.#images.receive(imageId, bytes));
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

  /** Records one soon, so that a crash loses nothing that was stored. Nobody waits for it but the end, which adds what is missing. */
  record({ row }: Result): void {
    this.#unrecorded.push(row);
    this.#timer ??= setTimeout(() => this.#recordNow(), TOGETHER_MS);
  }

  /** When the write that is under way has ended, if one is. What was not written by then is left to the end. */
  recorded(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isLeftToEnd = true;
    return this.#writing;
  }

  #recordNow(): void {
    const rows = this.#unrecorded;
    this.#unrecorded = [];
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeInTurn(rows));
  }

  /** A database that is silent is so for half a minute each time: it is asked once, and then at the end. */
  async #writeInTurn(rows: readonly NewImage[]): Promise<void> {
    if (!this.#isLeftToEnd && !(await this.#write(rows))) this.#isLeftToEnd = true;
  }
}

function keptOf(
  { url }: GeneratedImage,
  received: ReceivedImage | undefined,
): Omit<NewImage, 'role' | 'index' | 'revisedPrompt'> {
  if (received?.in === 'store') return { ...received.image, state: 'stored', sourceUrl: null };
  if (received?.in === 'spool') return { ...received.image, state: 'pending', sourceUrl: null };
  return { ...NOT_KEPT, state: url === null ? 'lost' : 'pending', sourceUrl: url };
}
