import { MAX_RESPONSE_IMAGES, type GeneratedImage } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { NewImage } from '../../ledger/generation-image.entity.ts';
import { LedgerRepository } from '../../ledger/ledger.repository.ts';
import { imageIdOf } from '../../domain/image-key.ts';
import { ImageFilesService, type ReceivedImage } from '../../images/image-files.service.ts';
import { LOGGER } from '../../telemetry/logger.ts';

/** An output image as the upstream sent it, and as it is recorded. */
export interface Result {
  /** The id of the generation. */
  readonly id: string;
  readonly image: GeneratedImage;
  readonly row: NewImage;
  /** The bytes, if no disk could store them. */
  readonly memory: Uint8Array | null;
}

/** How long an image waits to be recorded in one batch with the next one, or with the outcome. */
const BATCH_DELAY_MS = 20;

/** In UTF-16 units: twice the longest prompt that may be sent. */
const MAX_REVISED_LENGTH = 20_000;

const NOT_STORED = { sha256: null, width: null, height: null, bytes: null, mimeType: null } as const;

/** Stores the output images of calls as they arrive, then records them. */
@Injectable()
export class ResultsService {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly files: ImageFilesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The results of one generation, initially empty. */
  of(id: string): Results {
    return new Results(id, this.files, async (rows) => {
      try {
        await this.ledger.addImages(id, rows);
        return true;
      } catch (error) {
        this.logger.error(
          { generation_id: id, err: error },
          'images could not be recorded yet and will be with the outcome',
        );
        return false;
      }
    });
  }
}

/** The output images of one call. */
export class Results {
  readonly #received = new Map<number, ReceivedImage>();
  readonly #results: Result[] = [];
  #pendingRows: NewImage[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isDeferredToEnd = false;

  constructor(
    private readonly id: string,
    private readonly files: ImageFilesService,
    private readonly write: (rows: readonly NewImage[]) => Promise<boolean>,
  ) {}

  get all(): readonly Result[] {
    return this.#results;
  }

  get rows(): readonly NewImage[] {
    return this.#results.map(({ row }) => row);
  }

  /** Receives the bytes of one image. Rejects if the stream fails, or if the disk cannot return what was written. */
  async receive(index: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const imageId = imageIdOf({ generationId: this.id, role: 'output', index });
    this.#received.set(index, await this.files.receive(imageId, bytes));
  }

  /** Adds an image that is complete, with its metadata. */
  add(image: GeneratedImage): Result {
    const received = this.#received.get(image.index);
    this.#received.delete(image.index);
    const result: Result = {
      id: this.id,
      image,
      row: { role: 'output', index: image.index, ...withRevisedPrompt(image.revisedPrompt, storedOf(image, received)) },
      memory: received?.in === 'memory' ? received.bytes : null,
    };
    this.#results.push(result);
    return result;
  }

  /** Records an image soon, so that a crash loses no stored image. Only `recorded()` waits; the outcome adds what is missing. */
  record({ row }: Result): void {
    // The last that is kept is recorded with the outcome, which knows whether more came.
    if (row.index === MAX_RESPONSE_IMAGES - 1) return;
    this.#pendingRows.push(row);
    this.#timer ??= setTimeout(() => this.#recordNow(), BATCH_DELAY_MS);
  }

  /** Notes on the last image that the upstream sent more than are kept of one response. */
  omit(count: number): void {
    const last = this.#results.at(-1);
    if (last === undefined || count === 0) return;
    const omitted = `The upstream sent ${this.#results.length + count} images. The first ${this.#results.length} are kept; this is the last of them.`;
    last.row.warning = [last.row.warning, omitted].filter(Boolean).join(' ');
  }

  /** Resolves when the write in flight, if any, has ended. Rows not written by then are recorded with the outcome. */
  recorded(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isDeferredToEnd = true;
    return this.#writing;
  }

  #recordNow(): void {
    const rows = this.#pendingRows;
    this.#pendingRows = [];
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeInTurn(rows));
  }

  /** A write to a database that does not respond takes half a minute: after one failure, the rest waits for the outcome. */
  async #writeInTurn(rows: readonly NewImage[]): Promise<void> {
    if (!this.#isDeferredToEnd && !(await this.write(rows))) this.#isDeferredToEnd = true;
  }
}

/** The client gets all of it, the record the beginning of one that is no prompt any more. */
function withRevisedPrompt(
  revisedPrompt: string | null,
  row: ReturnType<typeof storedOf>,
): Omit<NewImage, 'role' | 'index'> {
  if (revisedPrompt === null || revisedPrompt.length <= MAX_REVISED_LENGTH) return { ...row, revisedPrompt };
  const cut = `The revised prompt has ${revisedPrompt.length} characters. The first ${MAX_REVISED_LENGTH} are kept.`;
  const warning = [row.warning, cut].filter(Boolean).join(' ');
  return { ...row, revisedPrompt: revisedPrompt.slice(0, MAX_REVISED_LENGTH).toWellFormed(), warning };
}

function storedOf(
  { url }: GeneratedImage,
  received: ReceivedImage | undefined,
): Omit<NewImage, 'role' | 'index' | 'revisedPrompt'> {
  if (received?.in === 'store') return { ...received.image, state: 'stored', sourceUrl: null };
  if (received?.in === 'spool') return { ...received.image, state: 'pending', sourceUrl: null };
  return { ...NOT_STORED, state: url === null ? null : 'pending', sourceUrl: url };
}
