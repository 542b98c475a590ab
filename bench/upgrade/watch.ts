import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const PAUSE_MS = 20;

type Work = (client: pg.Client, turn: number) => Promise<unknown>;

/** A UUID v7 of now. */
const NOW = `(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex($1::int % 4096), 3, '0')
  || '8000' || lpad(to_hex((random() * 1e12)::bigint), 12, '0'))::uuid`;

/** What a service of the version before does meanwhile. */
const WORKS: Readonly<Record<string, Work>> = {
  insert: (client, turn) =>
    client.query(
      `with made as (
         insert into generation (id, state, source, model, prompt, request, dropped, created_at)
         values (${NOW}, 'running', 'api', 'wan2.7-image', 'meanwhile', '{}', '[]', now()) returning id)
       insert into generation_image (generation_id, role, index, state) select id, 'input', 0, 'pending' from made`,
      [turn],
    ),
  update: (client) =>
    client.query(
      `update generation set state = 'succeeded', outcome = 'billed', finished_at = now()
       where id = (select id from generation where state = 'running' limit 1)`,
    ),
  read: (client) => client.query('select id, prompt, request from generation order by id desc limit 50'),
};

/** The longest wait of each kind of work, by phase, in milliseconds. */
export type Waits = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Works on a database beside an update, and measures how long each statement takes. */
export class Watch {
  readonly #waits: Record<string, Record<string, number>> = {};
  readonly #works: Promise<void>[] = [];
  #phase: string | null = null;
  #isStopped = false;
  readonly #databaseUrl: string;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  async start(): Promise<void> {
    for (const [name, work] of Object.entries(WORKS)) {
      const client = new pg.Client({ connectionString: this.#databaseUrl });
      await client.connect();
      this.#works.push(this.#repeat(name, work, client));
    }
  }

  /** What comes now is of this phase. What has begun before counts for the phase in which it began. */
  enter(phase: string): void {
    this.#phase = phase;
  }

  async stop(): Promise<Waits> {
    this.#isStopped = true;
    await Promise.all(this.#works);
    return this.#waits;
  }

  async #repeat(name: string, work: Work, client: pg.Client): Promise<void> {
    for (let turn = 0; !this.#isStopped; turn++) {
      const phase = this.#phase;
      const started = performance.now();
      await work(client, turn);
      const wait = performance.now() - started;
      if (phase !== null) {
        const waits = (this.#waits[phase] ??= {});
        waits[name] = Math.max(waits[name] ?? 0, wait);
      }
      await sleep(PAUSE_MS);
    }
    await client.end();
  }
}
