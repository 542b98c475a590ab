import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { readImageId, type ImageKey } from '../domain/image-key.ts';
import { IMAGE_STORE, SHARDS, type ImageStore } from '../storage/image-store.ts';
import { clearLeftovers, LEFTOVER_AGE_MS } from '../storage/leftovers.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { PurgedFilesRepository } from '../ledger/purged-files.repository.ts';
import { ThumbnailsRepository } from '../thumbnails/thumbnails.repository.ts';
import { SweepRepository, type ThumbnailRow } from './sweep.repository.ts';
import { missingFiles, removeUnknownFiles } from './unknown-files.ts';

/** How many rows of each table one pass checks. */
const ROWS = 1000;

/** How many images are checked to decide whether a store without an owner belongs to this database. */
const SAMPLE = 20;

/** What a garbage collection removed or corrected. */
export interface GcReport {
  /** Files of the store without a row. */
  readonly unknownFiles: number;
  /** Incomplete files, and spooled images whose generation does not exist. */
  readonly leftovers: number;
  /** Rows of thumbnails whose image or file is missing. */
  readonly thumbnails: number;
  /** Images whose file is missing: their state is `lost` now. */
  readonly lost: number;
  /** Lost images whose file has reappeared: their state is `stored` again. */
  readonly found: number;
}

/**
 * Removes files without a row, and corrects rows without a file, which crashes leave behind. The only rows it deletes are those of
 * thumbnails, which can be created again.
 */
@Injectable()
export class SweepService implements OnModuleInit {
  /** Starts at a random shard, so that several replicas cover all shards sooner. */
  #shard = Math.floor(Math.random() * SHARDS.length);
  #image: ImageKey | null = null;
  #thumbnail: ThumbnailRow | null = null;
  #hasWarned = false;

  constructor(
    private readonly repository: SweepRepository,
    private readonly ledger: LedgerRepository,
    private readonly thumbnails: ThumbnailsRepository,
    private readonly purged: PurgedFilesRepository,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    private readonly tasks: PeriodicTasks,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('sweep', UPKEEP_INTERVAL_MS, () => this.pass());
  }

  /** Collects one shard and some rows, the next ones each time. Skips what may belong to a generation in flight in any process. */
  async pass(): Promise<void> {
    if (!(await this.isOwner())) return;
    const before = (await this.store.now()) - LEFTOVER_AGE_MS;
    const thumbnails = await this.#checkThumbnails();
    const leftovers = await this.#removeLeftovers(before);
    const unknownFiles = await this.#removeUnknown(this.#shard, before);
    this.#shard = (this.#shard + 1) % SHARDS.length;
    this.#log({ unknownFiles, leftovers, thumbnails, ...(await this.#checkImages()) });
  }

  /**
   * Collects everything that existed before it started, whatever its age. Call it only while no process uses the store: files that are not
   * yet recorded would be removed. Null if the store does not belong to this database; then nothing is changed.
   */
  async full(): Promise<GcReport | null> {
    if (!(await this.isOwner())) return null;
    const before = await this.store.now();
    let [thumbnails, unknownFiles, lost, found] = [0, 0, 0, 0];
    this.#image = this.#thumbnail = null;
    do thumbnails += await this.#checkThumbnails();
    while (this.#thumbnail !== null);
    const leftovers = await this.#removeLeftovers(before);
    for (let shard = 0; shard < SHARDS.length; shard++) unknownFiles += await this.#removeUnknown(shard, before);
    do {
      const images = await this.#checkImages();
      lost += images.lost;
      found += images.found;
    } while (this.#image !== null);
    return { unknownFiles, leftovers, thumbnails, lost, found };
  }

  /**
   * Whether the store belongs to this database: with the rows of another one, every file would be unknown. Claims a store without an owner,
   * unless it contains none of the newest images, such as a folder whose volume is not mounted.
   */
  async isOwner(): Promise<boolean> {
    const id = await this.repository.storeId();
    let owner = await this.store.owner();
    if (owner === null && (await this.#isPlausible())) {
      await this.store.claim(id);
      owner = await this.store.owner();
    }
    if (owner !== id && !this.#hasWarned) {
      const problem = owner === null ? 'has no image of this database' : 'belongs to another database';
      this.logger.error(`STORAGE_URL points to a folder that ${problem}: nothing in it is removed`);
    }
    this.#hasWarned = owner !== id;
    return owner === id;
  }

  async #isPlausible(): Promise<boolean> {
    const youngest = await this.repository.youngestFiles(SAMPLE);
    const missing = await missingFiles(this.store, youngest);
    return youngest.length === 0 || missing.size < new Set(youngest).size;
  }

  #removeUnknown(shard: number, before: number): Promise<number> {
    const known = (sha256s: readonly string[]): Promise<ReadonlySet<string>> => this.repository.known(sha256s);
    return removeUnknownFiles(this.store, SHARDS[shard] ?? '', before, known);
  }

  async #removeLeftovers(before: number): Promise<number> {
    const staged = await clearLeftovers(this.store.staging, before);
    return staged + (await this.spool.clearLeftovers(before)) + (await this.#removeSpooled(before));
  }

  /** A spooled image belongs to a row that existed before it; without that row it would never leave the spool. */
  async #removeSpooled(before: number): Promise<number> {
    const names = (await this.spool.names()).slice(0, ROWS);
    const idOf = (name: string): string | null => readImageId(name)?.generationId ?? null;
    const ids = names.map(idOf).filter((id) => id !== null);
    if (ids.length === 0) return 0;
    const existing = await this.repository.generations(ids);
    let count = 0;
    for (const name of names) {
      const id = idOf(name);
      if (id === null || existing.has(id) || !(await this.spool.isOlder(name, before))) continue;
      await this.spool.remove(name);
      count++;
    }
    return count;
  }

  async #checkThumbnails(): Promise<number> {
    const rows = await this.repository.thumbnails(this.#thumbnail, ROWS);
    this.#thumbnail = rows.length < ROWS ? null : (rows.at(-1) ?? null);
    if (rows.length === 0) return 0;
    const images = await this.repository.images(rows.map(({ sourceSha256 }) => sourceSha256));
    const missing = await this.#missingOf(rows);
    const obsolete = rows.filter(({ sourceSha256, sha256 }) => !images.has(sourceSha256) || missing.has(sha256));
    // Before the rows, so that the files go soon, whenever the process dies.
    await this.purged.add(obsolete.map(({ sha256 }) => sha256));
    for (const row of obsolete) await this.thumbnails.remove(row);
    return obsolete.length;
  }

  /** Checks both directions: a file may reappear with its disk. */
  async #checkImages(): Promise<Pick<GcReport, 'lost' | 'found'>> {
    const rows = await this.repository.fileRows(this.#image, ROWS);
    this.#image = rows.length < ROWS ? null : (rows.at(-1) ?? null);
    const missing = await this.#missingOf(rows);
    const lost = rows.filter(({ state, sha256 }) => state === 'stored' && missing.has(sha256));
    const found = rows.filter(({ state, sha256 }) => state === 'lost' && !missing.has(sha256));
    for (const row of lost) await this.ledger.loseImage(row, row.sha256);
    for (const row of found) await this.ledger.recoverImage(row, row.sha256);
    return { lost: lost.length, found: found.length };
  }

  #missingOf(rows: readonly { readonly sha256: string }[]): Promise<ReadonlySet<string>> {
    return missingFiles(
      this.store,
      rows.map(({ sha256 }) => sha256),
    );
  }

  #log(report: GcReport): void {
    if (report.lost > 0) this.logger.error(report, 'image files are missing from the store; their state is now lost');
    else if (Object.values(report).some((count) => count > 0)) this.logger.info(report, 'garbage collected');
  }
}
