import { parseRetention, type RetentionPolicy } from '@wan-image/core';
import { below, pick, randomOf, type Random } from '@wan-image/testing/random-response';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { BackgroundJobsRepository } from '../src/background-jobs/background-jobs.repository.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { BinRepository } from '../src/ledger/bin.repository.ts';
import { PurgeRepository } from '../src/ledger/purge.repository.ts';
import { LibraryRepository } from '../src/library/library.repository.ts';
import { LibraryService } from '../src/library/library.service.ts';
import type { SizeLimits } from '../src/retention/adaptive-size.ts';
import { hasLimits } from '../src/retention/retention-parts.ts';
import { RetentionSizes } from '../src/retention/retention-sizes.ts';
import { recordAged } from './support/aged-generations.ts';
import { applyPolicy, type ModelGeneration, type ModelImage } from './support/retention-model.ts';
import { startRetention, type RetentionProcess } from './support/retention-process.ts';
import { openTestData } from './support/test-history.ts';

const STEPS = Number(process.env['MACHINE_STEPS'] ?? 60);
const SCOPE = { projectId: DEFAULT_PROJECT_ID };
const TAGS: [string, ...string[]] = ['a', 'b', 'c'];

/** The service's own code on a database, with jobs that run when the test says so, and whose process dies when it says so. */
class Machine {
  readonly #database: Database;
  readonly #random: Random;
  readonly #jobs: BackgroundJobsRepository;
  readonly #library: LibraryService;
  #process: RetentionProcess;
  #policy: RetentionPolicy | null = null;
  /** What was, beside what had to be. */
  readonly compared: (readonly [actual: unknown, expected: unknown])[] = [];
  /** Steps that deleted something and were followed by another one of the same job. */
  batches = 0;
  #model: readonly ModelGeneration[] = [];

  constructor(database: Database, random: Random) {
    this.#database = database;
    this.#random = random;
    const { dataSource } = database;
    this.#jobs = new BackgroundJobsRepository(dataSource);
    const bin = new BinRepository(dataSource);
    this.#library = new LibraryService(bin, new PurgeRepository(bin), new LibraryRepository(dataSource));
    this.#process = this.#start();
  }

  #start(): RetentionProcess {
    return startRetention(this.#database, new RetentionSizes(this.#size(), this.#size()));
  }

  /** Small ones, so that some generations are several batches, and a batch is often a part of what was found. */
  #size(): SizeLimits {
    return { first: 2 + below(this.#random, 7), min: 2, max: 8 };
  }

  async step(): Promise<void> {
    const action = pick<() => Promise<void>>(this.#random, [
      () => this.#record(),
      () => this.#record(),
      () => this.#mark(),
      () => this.#tag(),
      () => this.#bin(),
      () => this.#setPolicy(),
      () => this.#run(),
    ]);
    await action();
  }

  async check(): Promise<void> {
    await this.#run();
    this.compared.push([
      await rowsOf(this.#database.dataSource),
      this.#model.map(({ id, images }) => ({
        id,
        images: images.map(({ role, index, state }) => `${role} ${index} ${state}`).toSorted(),
      })),
    ]);
  }

  async #record(): Promise<void> {
    const random = this.#random;
    for (let count = below(random, 6); count >= 0; count--) {
      const days = below(random, 60) + 0.5;
      const isOpen = random() < 0.1;
      const isPending = random() < 0.1;
      const sizes = Array.from({ length: 1 + below(random, 3) }, () => 1 + below(random, 100));
      const inputs = Array.from({ length: below(random, 3) }, () => pick<'copy' | 'url'>(random, ['copy', 'url']));
      const state = isOpen ? 'running' : 'succeeded';
      const [id = ''] = await recordAged(this.#database.dataSource, [
        { days, images: sizes, inputs, state, isPending },
      ]);
      const image = (role: ModelImage['role'], bytes: number, index: number): ModelImage => ({
        role,
        index,
        bytes,
        isFavorite: false,
        binnedDays: null,
        state: role === 'output' && isPending ? 'pending' : 'stored',
      });
      const images = [
        ...inputs.map((_, index) => image('input', 7, index)),
        ...(isOpen ? [] : sizes.map((bytes, index) => image('output', bytes, index))),
      ];
      const one = { id, days, isOpen, images, tags: [], binnedDays: null };
      this.#model = [...this.#model, one].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    }
  }

  #one(): ModelGeneration | undefined {
    return this.#model[below(this.#random, this.#model.length)];
  }

  #image(): [ModelGeneration, ModelImage] | undefined {
    const one = this.#one();
    const outputs = one?.images.filter(({ role, state }) => role === 'output' && state !== 'deleted') ?? [];
    const image = outputs[below(this.#random, outputs.length)];
    return one === undefined || image === undefined ? undefined : [one, image];
  }

  async #mark(): Promise<void> {
    const [one, image] = this.#image() ?? [];
    if (one === undefined || image === undefined) return;
    image.isFavorite = this.#random() < 0.7;
    await this.#library.setFavorite(SCOPE, `${one.id}-${image.index}`, image.isFavorite);
  }

  async #tag(): Promise<void> {
    const one = this.#one();
    if (one === undefined) return;
    one.tags = TAGS.filter(() => this.#random() < 0.3);
    await this.#library.update(SCOPE, one.id, { tags: [...one.tags] });
  }

  /** Into the bin some days ago, or out of it. */
  async #bin(): Promise<void> {
    const days = this.#random() < 0.3 ? null : below(this.#random, 60) + 0.5;
    const time = days === null ? 'null' : `now() - interval '1 day' * ${days}`;
    const { dataSource } = this.#database;
    if (this.#random() < 0.5) {
      const one = this.#one();
      if (one === undefined || one.isOpen) return;
      one.binnedDays = days;
      await dataSource.query(`update generation set deleted_at = ${time} where id = $1`, [one.id]);
      return;
    }
    const [one, image] = this.#image() ?? [];
    if (one === undefined || image === undefined) return;
    image.binnedDays = days;
    await dataSource.query(
      `update generation_image set deleted_at = ${time} where generation_id = $1 and role = 'output' and index = $2`,
      [one.id, image.index],
    );
  }

  async #setPolicy(): Promise<void> {
    const random = this.#random;
    const limit = (least: number, most: number): number | null =>
      random() < 0.5 ? null : least + below(random, most - least);
    const parsed = parseRetention({
      images: { max_age_days: limit(1, 60), max_bytes: limit(1, 3_000) },
      inputs: { max_age_days: limit(1, 60) },
      records: { max_age_days: limit(20, 60), max_count: limit(10, 60) },
      bin_days: limit(1, 60),
      keep_favorites: random() < 0.7,
      keep_tags: TAGS.filter(() => random() < 0.3),
    });
    if (!parsed.ok) throw new Error('The policy of the test is invalid');
    this.#policy = parsed.value;
    await this.#process.service.set(SCOPE, this.#policy);
  }

  /** Carries out the policy, by processes some of which die half-way. What the preview says is what goes. */
  async #run(): Promise<void> {
    const policy = this.#policy;
    if (policy === null || !hasLimits(policy)) return;
    const { dataSource } = this.#database;
    const before = await filesOf(dataSource);
    const preview = await this.#process.service.preview(SCOPE, null);
    await dataSource.query(`update retention_policy set due_at = now(), walked = '{}'`);
    await this.#process.runs.look();
    const [job] = await dataSource.query<{ id: string }[]>(`select id from background_job where state = 'queued'`);
    if (job !== undefined) await this.#carryOut(job.id);
    const { last_run: run } = await this.#process.service.get(SCOPE);
    const { images, inputs, records, bin, capped } = preview;
    const promised = {
      images: images.matched,
      inputs: inputs.matched,
      records: records.matched,
      bin: bin.matched,
      bytes: images.bytes + inputs.bytes + records.bytes + bin.bytes,
    };
    this.compared.push([run?.result, promised]);
    this.compared.push([capped, false]);
    this.#model = applyPolicy(this.#model, policy);
    const after = await filesOf(dataSource);
    const purged = await dataSource.query<{ sha256: string }[]>('delete from purged_file returning sha256');
    const names = (purged as unknown as [{ sha256: string }[], number])[0].map(({ sha256 }) => sha256);
    this.compared.push([names.toSorted(), before.filter((file) => !after.includes(file)).toSorted()]);
  }

  async #carryOut(id: string): Promise<void> {
    for (;;) {
      const worker = uuidv7();
      this.#process = this.#start();
      const { kind } = this.#process;
      if ((await this.#jobs.claim(id, worker)) === null) return;
      for (;;) {
        const death = this.#random();
        const job = await this.#jobs.running(id, worker);
        if (job === null) return;
        const prepared = await kind.prepare(job);
        if (death < 0.2) break;
        // Killed before the commit: nothing of it has happened.
        const step = await this.#jobs
          .step(id, worker, async (transaction, current) => {
            const done = await kind.step(transaction, current, prepared);
            if (death < 0.4) throw new Error('killed');
            return done;
          })
          .catch((error: unknown) => {
            if (error instanceof Error && error.message === 'killed') return null;
            throw error;
          });
        if (step === null) break;
        if (step.result !== undefined) return;
        if (prepared.found.length > 0) this.batches++;
      }
    }
  }
}

async function rowsOf(dataSource: DataSource): Promise<readonly unknown[]> {
  return dataSource.query(
    `select id, array(select role || ' ' || index || ' ' || state from generation_image where generation_id = id order by 1) as images
     from generation order by id`,
  );
}

async function filesOf(dataSource: DataSource): Promise<readonly string[]> {
  const rows = await dataSource.query<{ sha256: string }[]>(
    'select sha256 from generation_image where sha256 is not null',
  );
  return rows.map(({ sha256 }) => sha256);
}

test.each([1, 2, 3])('whatever is marked, deleted and limited, exactly what the policy says goes: %i', async (seed) => {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  try {
    const machine = new Machine(database, randomOf(seed));
    for (let step = 1; step <= STEPS; step++) {
      await machine.step();
      if (step % 10 === 0) await machine.check();
      for (const [actual, expected] of machine.compared.splice(0)) expect(actual).toEqual(expected);
    }
    expect(machine.batches).toBeGreaterThan(10);
  } finally {
    await database.close();
  }
});
