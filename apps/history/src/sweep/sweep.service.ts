import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { readImageId, type ImageKey } from '../domain/image-key.ts';
import { FolderSweep } from '../storage/folder-sweep.ts';
import { LEFTOVER_AGE_MS } from '../storage/leftovers.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { ThumbnailsRepository } from '../thumbnails/thumbnails.repository.ts';
import { SweepRepository, type ThumbnailRow } from './sweep.repository.ts';

/** Parts of the store: those that share the first two digits of their hash. */
const PARTS = 256;

/** How many rows of each table one round looks at. */
const ROWS = 1000;

/** How many images tell whether a store without an owner is that of this database. */
const SAMPLE = 20;

/** How many looks at the store are made at the same time. */
const AT_ONCE = 8;

/** What a sweep came to. */
export interface GcReport {
  /** Files of the store that no row knew. */
  readonly unknownFiles: number;
  /** Files that were never finished, and images in the spool whose generation is gone. */
  readonly leftovers: number;
  /** Rows of thumbnails without their image or their file. */
  readonly thumbnails: number;
  /** Images whose file is gone: their rows say `lost` now. */
  readonly lost: number;
  /** Images whose file is back. */
  readonly found: number;
}

/**
 * Puts right what crashes leave apart: files without a row, rows without a file. A row is never deleted but that of a thumbnail, which can
 * be made again.
 */
@Injectable()
export class SweepService implements OnModuleInit {
  /** Not the same for all replicas, so that together they are around sooner. */
  #part = Math.floor(Math.random() * PARTS);
  #image: ImageKey | null = null;
  #thumbnail: ThumbnailRow | null = null;
  #warned = false;

  constructor(
    private readonly repository: SweepRepository,
    private readonly ledger: LedgerRepository,
    private readonly thumbnails: ThumbnailsRepository,
    private readonly folder: FolderSweep,
    @Inject(SPOOL) private readonly spool: Spool,
    private readonly tasks: PeriodicTasks,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('sweep', UPKEEP_INTERVAL_MS, () => this.round());
  }

  /** A small part of the whole, the next one each time. Leaves what may belong to a generation that is under way anywhere. */
  async round(): Promise<void> {
    if (!(await this.#isOurs())) return;
    const before = (await this.folder.now()) - LEFTOVER_AGE_MS;
    const thumbnails = await this.#thumbnails();
    const leftovers = await this.#leftovers(before);
    const unknownFiles = await this.#files(this.#part, before);
    this.#part = (this.#part + 1) % PARTS;
    this.#tell({ unknownFiles, leftovers, thumbnails, ...(await this.#images()) });
  }

  /**
   * Everything at once, whatever was there before it began. Only where no process works on this store: what one has not recorded yet
   * would be gone. Null where the store is not that of this database, and then nothing was touched.
   */
  async whole(): Promise<GcReport | null> {
    if (!(await this.#isOurs())) return null;
    const before = await this.folder.now();
    let [thumbnails, unknownFiles, lost, found] = [0, 0, 0, 0];
    this.#image = this.#thumbnail = null;
    do thumbnails += await this.#thumbnails();
    while (this.#thumbnail !== null);
    const leftovers = await this.#leftovers(before);
    for (let part = 0; part < PARTS; part++) unknownFiles += await this.#files(part, before);
    do {
      const images = await this.#images();
      lost += images.lost;
      found += images.found;
    } while (this.#image !== null);
    return { unknownFiles, leftovers, thumbnails, lost, found };
  }

  /**
   * Whether the store is that of this database: with another's, everything in it would be unknown. One that says nothing yet is, unless
   * none of the youngest images is there, as in a folder where no volume was mounted.
   */
  async #isOurs(): Promise<boolean> {
    const id = await this.repository.storeId();
    let owner = await this.folder.owner();
    if (owner === null) {
      const youngest = await this.repository.youngestFiles(SAMPLE);
      const there = await this.#missingOf(youngest);
      if (youngest.length === 0 || there.size < new Set(youngest).size) {
        await this.folder.claim(id);
        owner = await this.folder.owner();
      }
    }
    if (owner !== id && !this.#warned) {
      const problem = owner === null ? 'has no image of this database' : 'belongs to another database';
      this.logger.error(`STORAGE_URL leads to a folder that ${problem}: nothing in it is swept`);
    }
    this.#warned = owner !== id;
    return owner === id;
  }

  #files(part: number, before: number): Promise<number> {
    const prefix = part.toString(16).padStart(2, '0');
    return this.folder.removeUnknown(prefix, before, (sha256s) => this.repository.known(sha256s));
  }

  async #leftovers(before: number): Promise<number> {
    const count = (await this.folder.clearLeftovers(before)) + (await this.spool.clearLeftovers(before));
    return count + (await this.#spooled(before));
  }

  /** What waits in the spool belongs to a row that was there before it; without one it would wait for ever. */
  async #spooled(before: number): Promise<number> {
    const names = (await this.spool.names()).slice(0, ROWS);
    const idOf = (name: string): string | null => readImageId(name)?.generationId ?? null;
    const ids = names.map(idOf).filter((id) => id !== null);
    if (ids.length === 0) return 0;
    const known = await this.repository.generations(ids);
    let count = 0;
    for (const name of names) {
      const id = idOf(name);
      if (id === null || known.has(id) || !(await this.spool.isOlder(name, before))) continue;
      await this.spool.remove(name);
      count++;
    }
    return count;
  }

  async #thumbnails(): Promise<number> {
    const rows = await this.repository.thumbnails(this.#thumbnail, ROWS);
    this.#thumbnail = rows.length < ROWS ? null : (rows.at(-1) ?? null);
    if (rows.length === 0) return 0;
    const images = await this.repository.images(rows.map(({ sourceSha256 }) => sourceSha256));
    const missing = await this.#missingOf(rows.map(({ sha256 }) => sha256));
    const gone = rows.filter(({ sourceSha256, sha256 }) => !images.has(sourceSha256) || missing.has(sha256));
    for (const row of gone) await this.thumbnails.remove(row);
    return gone.length;
  }

  /** A file may come back, with its disk: then its row says so again. */
  async #images(): Promise<Pick<GcReport, 'lost' | 'found'>> {
    const rows = await this.repository.fileRows(this.#image, ROWS);
    this.#image = rows.length < ROWS ? null : (rows.at(-1) ?? null);
    const missing = await this.#missingOf(rows.map(({ sha256 }) => sha256));
    const lost = rows.filter(({ state, sha256 }) => state === 'stored' && missing.has(sha256));
    const found = rows.filter(({ state, sha256 }) => state === 'lost' && !missing.has(sha256));
    for (const row of lost) await this.ledger.loseImage(row, row.sha256);
    for (const row of found) await this.ledger.recoverImage(row, row.sha256);
    return { lost: lost.length, found: found.length };
  }

  /** Some at a time: a folder on a network takes its time for each. */
  async #missingOf(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const left = [...new Set(sha256s)];
    const missing = new Set<string>();
    const look = async (): Promise<void> => {
      for (let sha256 = left.pop(); sha256 !== undefined; sha256 = left.pop()) {
        if (!(await this.folder.has(sha256))) missing.add(sha256);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
    return missing;
  }

  #tell(swept: GcReport): void {
    if (swept.lost > 0) this.logger.error(swept, 'files of images are gone from the store: their records say lost');
    else if (Object.values(swept).some((count) => count > 0)) this.logger.info(swept, 'swept');
  }
}
