import { below, pick, randomOf, type Random } from '@wan-image/testing/random-response';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { BinRepository } from '../../src/ledger/bin.repository.ts';
import { PurgeRepository } from '../../src/ledger/purge.repository.ts';
import type { NewImage } from '../../src/ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../../src/ledger/generation.entity.ts';
import { INTERRUPTED_CODE, LedgerRepository, type RecordedEnd } from '../../src/ledger/ledger.repository.ts';
import { PURGE_IMAGE_PARTS, PURGE_PARTS } from '../../src/library/library.repository.ts';

/** What is known of an image: its bytes once it is stored, and where it is. */
interface Image {
  bytes: number | null;
  purgedBytes: number;
  place: 'shown' | 'bin' | 'purged';
  isPending: boolean;
}

interface Generation {
  readonly row: GenerationEntity;
  state: 'running' | 'succeeded' | 'failed' | 'canceled';
  outcome: string | null;
  cost: number;
  code: string | null;
  durationMs: number;
  isInterrupted: boolean;
  place: 'shown' | 'bin' | 'purged';
  readonly images: Image[];
}

/** The figures of a group, as the test itself counts them. */
export interface CountedFigures {
  succeeded: number;
  failed: number;
  canceled: number;
  unknown: number;
  images: number;
  visible: number;
  storedBytes: number;
  deletedBytes: number;
  readonly counts: Record<string, number>;
  readonly durations: number[];
}

const MODELS = ['wan2.7-image', 'wan2.7-image-pro'] as const;
const SOURCES = ['api', 'n8n', 'curl', 'sdk'] as const;
const CODES = ['timeout', 'rate_limited', 'content_policy_violation'] as const;
const PRICE = 200_000;

const NOT_STORED = { sha256: null, width: null, height: null, bytes: null, mimeType: null, revisedPrompt: null };

/** A random day: generations of every outcome, and all that can happen to them afterwards. Counts beside the service what it has to count. */
export class DayOfGenerations {
  readonly generations: Generation[] = [];
  readonly #ledger: LedgerRepository;
  readonly #bin: BinRepository;
  readonly #purge: PurgeRepository;
  readonly #random: Random;
  #files = 0;

  constructor(
    dataSource: DataSource,
    private readonly options: {
      readonly seed: number;
      readonly projects: readonly [string, ...string[]];
      readonly keys: readonly [string, ...string[]];
      /** In milliseconds: the day ends here. */
      readonly end: number;
    },
  ) {
    this.#ledger = new LedgerRepository(dataSource);
    this.#bin = new BinRepository(dataSource);
    this.#purge = new PurgeRepository(this.#bin);
    this.#random = randomOf(options.seed);
  }

  /** Makes new generations, and lets something happen to others, several at once. Each is in one change at most. */
  async step(): Promise<void> {
    const existing = this.generations.filter(({ place }) => place !== 'purged').toSorted(() => this.#random() - 0.5);
    const changes = Array.from({ length: 12 }, () => {
      const one = this.#random() < 0.5 ? undefined : existing.pop();
      return one === undefined ? this.#create() : this.#change(one);
    });
    await Promise.all(changes);
  }

  /** Ends whatever has not ended. */
  async finish(): Promise<void> {
    await Promise.all(this.generations.filter(({ state }) => state === 'running').map((one) => this.#end(one)));
  }

  /** By the name that `group` gives to each generation. */
  figures(group: (row: GenerationEntity) => string): Record<string, CountedFigures> {
    const all: Record<string, CountedFigures> = {};
    for (const one of this.generations) {
      const name = group(one.row);
      all[name] ??= {
        succeeded: 0,
        failed: 0,
        canceled: 0,
        unknown: 0,
        images: 0,
        visible: 0,
        storedBytes: 0,
        deletedBytes: 0,
        counts: {},
        durations: [],
      };
      addTo(all[name], one);
    }
    return all;
  }

  async #create(): Promise<void> {
    const { projects, keys, end } = this.options;
    const createdAt = new Date(end - 1 - below(this.#random, 86_400_000));
    const isSimulated = this.#random() < 0.1;
    const row = {
      id: uuidv7({ msecs: createdAt.getTime() }),
      projectId: pick(this.#random, projects),
      state: 'running',
      outcome: null,
      source: pick(this.#random, SOURCES),
      model: pick(this.#random, MODELS),
      prompt: '花',
      request: { n: 4 },
      dropped: [],
      adapted: [],
      simulated: isSimulated,
      createdAt,
      sentAt: createdAt,
      apiKeyId: this.#random() < 0.3 ? null : pick(this.#random, keys),
      reserved: isSimulated || this.#random() < 0.1 ? null : 4 * PRICE,
      currency: this.#random() < 0.9 ? 'CNY' : 'USD',
    } as unknown as GenerationEntity;
    const generation: Generation = {
      row,
      state: 'running',
      outcome: null,
      cost: 0,
      code: null,
      durationMs: 0,
      isInterrupted: false,
      place: 'shown',
      images: [],
    };
    await this.#ledger.insert({ generation: row, inputs: [], openResponse: null, rerunOf: null }, null, null);
    this.generations.push(generation);
    if (this.#random() < 0.3) await this.#addImage(generation);
    if (this.#random() < 0.9) await this.#end(generation);
  }

  async #change(one: Generation): Promise<void> {
    if (one.state === 'running' || (one.isInterrupted && this.#random() < 0.5)) return this.#end(one);
    const kind = this.#random();
    if (one.outcome === 'unknown' && kind < 0.3) return this.#resolve(one);
    const pending = one.images.findIndex(({ isPending }) => isPending);
    if (pending >= 0 && kind < 0.6) return this.#settle(one, pending);
    if (one.images.length < 4 && kind < 0.65) return this.#addImage(one);
    return kind < 0.8 && one.images.length > 0 ? this.#changeImage(one) : this.#changePlace(one);
  }

  async #addImage(one: Generation): Promise<void> {
    const [row, image] = this.#newImage(one.images.length);
    await this.#ledger.addImages(one.row.id, [row]);
    one.images.push(image);
  }

  #newImage(index: number): [NewImage, Image] {
    const bytes = 1 + below(this.#random, 9_000_000);
    if (this.#random() < 0.5)
      return [
        { ...NOT_STORED, role: 'output', index, state: 'stored', sourceUrl: null, sha256: this.#sha256(), bytes },
        { bytes, purgedBytes: 0, place: 'shown', isPending: false },
      ];
    return [
      { ...NOT_STORED, role: 'output', index, state: 'pending', sourceUrl: 'https://example.com/1.png' },
      { bytes: null, purgedBytes: 0, place: 'shown', isPending: true },
    ];
  }

  #sha256(): string {
    return (++this.#files).toString(16).padStart(64, '0');
  }

  async #end(one: Generation): Promise<void> {
    const kind = this.#random();
    const durationMs = 1 + below(this.#random, 120_000);
    const finishedAt = new Date(one.row.createdAt.getTime() + durationMs);
    const fresh: Image[] = [];
    const rows: NewImage[] = [];
    let end: Partial<RecordedEnd>;
    if (kind < 0.6) {
      for (let index = one.images.length; index < 1 + below(this.#random, 4); index++) {
        const [row, image] = this.#newImage(index);
        rows.push(row);
        fresh.push(image);
      }
      end = { state: 'succeeded', outcome: 'billed', error: null };
    } else if (kind < 0.7) end = { state: 'canceled', outcome: pick(this.#random, ['not_billed', 'unknown'] as const) };
    else {
      const code = kind < 0.8 ? INTERRUPTED_CODE : pick(this.#random, CODES);
      const outcome = kind < 0.8 ? 'unknown' : pick(this.#random, ['not_billed', 'unknown', 'billed'] as const);
      end = { state: 'failed', outcome, error: { type: 'server_error', code, message: 'x', param: null } };
    }
    const isCounted = await this.#ledger.end(one.row, { ...end, finishedAt } as RecordedEnd, rows);
    if (!isCounted) return;
    one.images.push(...fresh);
    one.state = end.state as Generation['state'];
    one.outcome = end.outcome as string;
    one.code = end.error?.code ?? null;
    one.isInterrupted = one.code === INTERRUPTED_CODE;
    one.durationMs = durationMs;
    this.#setCost(one);
  }

  #setCost(one: Generation): void {
    const { reserved } = one.row;
    if (reserved === null) return;
    one.cost = one.outcome === 'not_billed' ? 0 : one.state === 'succeeded' ? PRICE * one.images.length : reserved;
  }

  async #resolve(one: Generation): Promise<void> {
    const outcome = pick(this.#random, ['billed', 'not_billed'] as const);
    await this.#ledger.resolve(one.row.id, { projectId: one.row.projectId }, outcome, new Date());
    one.outcome = outcome;
    // An end that comes later has to know what it cost, or it does not count any more.
    one.isInterrupted = false;
    this.#setCost(one);
  }

  async #settle(one: Generation, index: number): Promise<void> {
    const key = { generationId: one.row.id, role: 'output', index } as const;
    const image = one.images[index] as Image;
    // One that was deleted for good is not stored any more.
    if (this.#random() < 0.3) await this.#ledger.loseImage(key);
    else {
      const bytes = 1 + below(this.#random, 9_000_000);
      await this.#ledger.settleImage(key, { state: 'stored', sha256: this.#sha256(), bytes });
      if (image.place !== 'purged') image.bytes = bytes;
    }
    image.isPending = false;
  }

  async #changeImage(one: Generation): Promise<void> {
    const scope = { projectId: one.row.projectId };
    const index = below(this.#random, one.images.length);
    const image = one.images[index] as Image;
    const position = [{ generationId: one.row.id, index }];
    const kind = this.#random();
    if (kind < 0.4) await this.#bin.deleteImages(scope, position);
    else if (kind < 0.7) await this.#bin.restoreImages(scope, position);
    else await this.#purge.purgeImages(scope, position, PURGE_IMAGE_PARTS);
    if (image.place === 'purged') return;
    image.place = kind < 0.4 ? 'bin' : kind < 0.7 ? 'shown' : 'purged';
    if (image.place === 'purged') {
      image.purgedBytes = image.bytes ?? 0;
      image.isPending = false;
    }
  }

  async #changePlace(one: Generation): Promise<void> {
    const scope = { projectId: one.row.projectId };
    const kind = this.#random();
    if (kind < 0.4) await this.#bin.deleteGenerations(scope, [one.row.id]);
    else if (kind < 0.8) await this.#bin.restoreGenerations(scope, [one.row.id]);
    else await this.#purge.purgeGenerations(scope, [one.row.id], PURGE_PARTS);
    one.place = kind < 0.4 ? 'bin' : kind < 0.8 ? 'shown' : 'purged';
    if (one.place === 'purged') for (const image of one.images) image.purgedBytes = image.bytes ?? 0;
  }
}

function addTo(figures: CountedFigures, one: Generation): void {
  const { state, outcome, code, cost, place, images, row } = one;
  const add = (name: string, value: number): void => {
    if (value !== 0) figures.counts[name] = (figures.counts[name] ?? 0) + value;
  };
  if (state !== 'running') figures[state]++;
  if (outcome === 'unknown') figures.unknown++;
  add(`cost:${row.currency}`, cost);
  if (state === 'failed') add(`failure:${code}`, 1);
  if (state === 'succeeded') figures.durations.push(one.durationMs);
  figures.images += images.length;
  if (place === 'shown') figures.visible += images.filter((image) => image.place === 'shown').length;
  for (const image of images) {
    figures.storedBytes += image.bytes ?? 0;
    figures.deletedBytes += image.purgedBytes;
  }
}
