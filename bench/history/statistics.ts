import { below, randomOf, type Random } from '@wan-image/testing/random-response';
import type { PostgresServer } from '@wan-image/testing/postgres';
import type pg from 'pg';
import { print } from '../support/results.ts';
import { CopyFile } from './copy-file.ts';
import { MODELS, projectIds, randomProject, SOURCES, startOf } from './generations.ts';
import { printed, type Measured } from './measured.ts';
import type { Query, Reader } from './reader.ts';
import { hasDatabase, onServer, urlOf, withClient } from './server.ts';
import { openServiceDatabase } from './service-code.ts';

/** The figures of so many generations, made directly: the generations themselves are not read. */
const GENERATIONS = 10_000_000;

const DATABASE = `history_packed_${GENERATIONS}`;

const HOUR_MS = 3_600_000;
const REQUESTS = 100;
const WARM_UP = 20;

interface Figures {
  succeeded: number;
  failed: number;
  images: number;
  readonly failures: Map<string, number>;
  readonly latencies: Map<number, number>;
}

/** The database with the figures. */
export async function statisticsDatabase(server: PostgresServer): Promise<string> {
  const url = urlOf(server, DATABASE);
  if (await hasDatabase(server, DATABASE)) return url;
  const unfinished = `${DATABASE}_making`;
  await onServer(server, `drop database if exists ${unfinished} with (force)`);
  await onServer(server, `create database ${unfinished}`);
  const unnamedUrl = urlOf(server, unfinished);
  await (await openServiceDatabase(unnamedUrl)).close();
  await withClient(unnamedUrl, fill);
  await onServer(server, `alter database ${unfinished} rename to ${DATABASE}`);
  return url;
}

async function fill(client: pg.Client): Promise<void> {
  const random = randomOf(6);
  const projects = projectIds();
  const end = Date.now();
  const start = Math.floor(startOf(new Date(end)).getTime() / HOUR_MS) * HOUR_MS;
  const hours = Math.ceil((end - start) / HOUR_MS);
  const fixed = ['succeeded', 'failed', 'canceled', 'unknown', 'images', 'stored_bytes'];
  const columns = ['simulated', 'is_purged', ...fixed, 'costs', 'failures', 'latencies'];
  const files = {
    project: new CopyFile('project', ['id', 'name', 'created_at']),
    whole: new CopyFile('usage_hour', ['project_id', 'hour', 'model', 'source', 'api_key_id', ...columns]),
    byModel: new CopyFile('usage_hour_model', ['project_id', 'hour', 'model', ...columns]),
    visible: new CopyFile('visible_images_hour', ['project_id', 'hour', 'images']),
  };
  for (const [index, id] of projects.entries()) files.project.add([id, `project ${index}`, new Date(start)]);
  await files.project.takeStatement()(client);
  let rows = 0;
  for (let hour = 0; hour < hours; hour++) {
    const time = new Date(start + hour * HOUR_MS);
    // Of each key, as the service would count it in its three tables.
    for (const [key, one] of figuresOfHour(random, projects, Math.round(GENERATIONS / hours))) {
      const [project = '', model, source] = key.split(' ');
      if (source !== undefined)
        files.whole.add([project, time, model ?? '', source, projects[0] ?? '', ...valuesOf(one)]);
      else if (model !== undefined) files.byModel.add([project, time, model, ...valuesOf(one)]);
      else files.visible.add([project, time, one.images]);
      rows++;
    }
    if (hour % 100 !== 99 && hour !== hours - 1) continue;
    for (const file of [files.whole, files.byModel, files.visible]) await file.takeStatement()(client);
  }
  await client.query('vacuum analyze');
  print(`made the figures of ${GENERATIONS} generations: ${rows} rows\n`);
}

function valuesOf({ succeeded, failed, images, failures, latencies }: Figures): (string | number | boolean | object)[] {
  // Twelve decimal digits for each bucket, as the service counts them.
  let packed = 0n;
  for (const [bucket, count] of latencies) packed += BigInt(count) * 10n ** (12n * BigInt(bucket));
  const fixed = [succeeded, failed, 0, 0, images, images * 4_000_000];
  const sparse = [{ 'cost:CNY': images * 200_000 }, Object.fromEntries(failures)];
  return [false, false, ...fixed, ...sparse, packed.toString()];
}

/** By project, model and source; by project and model; and by project. */
function figuresOfHour(random: Random, projects: readonly string[], generations: number): ReadonlyMap<string, Figures> {
  const figures = new Map<string, Figures>();
  for (let done = 0; done < generations; done++) {
    const names = [
      randomProject(random, projects),
      MODELS[random() < 0.7 ? 0 : 1],
      SOURCES[below(random, SOURCES.length)],
    ];
    const images = random() < 0.96 ? 1 + below(random, 4) : 0;
    // 10 to 60 seconds.
    const bucket = 97 + below(random, 19);
    const failure = `failure:${['timeout', 'rate_limited', 'content_policy_violation'][below(random, 3)]}`;
    for (const length of [1, 2, 3]) add(figures, names.slice(0, length).join(' '), images, bucket, failure);
  }
  return figures;
}

function add(figures: Map<string, Figures>, key: string, images: number, bucket: number, failure: string): void {
  const one = figures.get(key) ?? { succeeded: 0, failed: 0, images: 0, failures: new Map(), latencies: new Map() };
  figures.set(key, one);
  one.images += images;
  if (images > 0) {
    one.succeeded++;
    one.latencies.set(bucket, (one.latencies.get(bucket) ?? 0) + 1);
  } else {
    one.failed++;
    one.failures.set(failure, (one.failures.get(failure) ?? 0) + 1);
  }
}

const WORKS: readonly { readonly name: string; readonly query: Query }[] = [
  { name: 'in one row', query: {} },
  { name: 'by day', query: { group_by: 'day', tz: 'Asia/Shanghai' } },
  { name: 'by day and model', query: { group_by: 'day,model', tz: 'Asia/Shanghai' } },
  { name: 'by hour', query: { group_by: 'hour' } },
  { name: 'by source', query: { group_by: 'source' } },
];

/** 30 days of the largest project and of others in turns, and of all projects. */
export async function measureStatistics(reader: Reader): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { name, query } of WORKS)
    measured.push(await measure(reader, `statistics: 30 days ${name}, in a project`, '/v1/stats', query));
  const all = { group_by: 'project', project_id: 'all' };
  measured.push(await measure(reader, 'statistics: 30 days by project, over all projects', '/v1/stats', all, 20));
  measured.push(await measure(reader, 'timeline: 24 months, in a project', '/v1/images/timeline', {}));
  return measured;
}

async function measure(
  reader: Reader,
  work: string,
  path: string,
  query: Query,
  requests = REQUESTS,
): Promise<Measured> {
  const random = randomOf(7);
  const projects = projectIds();
  const ms: number[] = [];
  let slowest = { ms: 0, query: '' };
  for (let request = 0; request < WARM_UP + requests; request++) {
    const project = request % 2 === 0 ? (projects[0] ?? '') : randomProject(random, projects);
    const asked: Query = { project_id: project, ...query };
    const duration = await reader.time(path, asked);
    if (request < WARM_UP) continue;
    ms.push(duration);
    if (duration > slowest.ms) slowest = { ms: duration, query: JSON.stringify(asked) };
  }
  return printed({ work, generations: GENERATIONS, ms, slowest: slowest.query });
}
