import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@wan-image/core';
import type { PostgresServer } from '@wan-image/testing/postgres';
import type pg from 'pg';
import { OWN_ROOT, startHistory } from '../gateway/history-process.ts';
import { generations, type BenchFile, type BenchGeneration } from '../history/generations.ts';
import { fill } from '../history/make.ts';
import { hasDatabase, onServer, urlOf, withClient } from '../history/server.ts';
import { openServiceDatabase } from '../history/service-code.ts';
import { print, withFolder } from '../support/results.ts';

/** The project of a service without keys, which is what the bench runs. */
const PROJECT = '00000000-0000-7000-8000-000000000000';

/** Generations for so many images: some fail, the others have 2.6 on average. */
const GENERATIONS_PER_IMAGE = 1 / (0.94 * 2.6);

/** The images that all records share, so that a million of them fit on a disk: of every shape that people ask for. */
const SIZES = ['1K', '1280x720', '720x1280', '1536x1024', '1024x1536', '2048x878', '768x1024', '1024x768'];
const REQUESTS_PER_SIZE = 5;

export interface GalleryData {
  readonly databaseUrl: string;
  /** The folder of the image store. */
  readonly images: string;
}

/** The database with so many images, and their files. Both are kept between runs. */
export async function galleryData(server: PostgresServer, images: number): Promise<GalleryData> {
  const name = `gallery_${images}`;
  const folder = join(OWN_ROOT, 'bench/results', `gallery-images-${images}`);
  const data = { databaseUrl: urlOf(server, name), images: folder };
  if (await hasDatabase(server, name)) return data;
  const started = Date.now();
  const unfinished = `${name}_making`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await onServer(server, `drop database if exists ${unfinished} with (force)`);
  await onServer(server, `create database ${unfinished}`);
  const databaseUrl = urlOf(server, unfinished);
  await (await openServiceDatabase(databaseUrl)).close();
  const files = await makeFiles({ databaseUrl, images: folder });
  await withClient(databaseUrl, (client) => {
    const end = new Date();
    return fill(client, withFiles(generations(Math.round(images * GENERATIONS_PER_IMAGE), end), files), end);
  });
  await withClient(databaseUrl, countImages);
  await onServer(server, `alter database ${unfinished} rename to ${name}`);
  print(`made ${images} images in ${Math.round((Date.now() - started) / 1000)} s\n`);
  return data;
}

/** Counts what each hour shows, directly: `pnpm statistics` counts everything, hour by hour, which takes minutes for two years. */
async function countImages(client: pg.Client): Promise<void> {
  await client.query('truncate outbox, visible_images_hour');
  await client.query(`
    insert into visible_images_hour (project_id, hour, images)
    select project_id, date_trunc('hour', created_at), count(*)
    from generation join generation_image on generation_id = generation.id
    where role = 'output' group by 1, 2`);
}

/** Starts the service as it is built, with its simulator, on this data. */
export function startGalleryService({ databaseUrl, images }: GalleryData, folder: string) {
  return startHistory({
    upstream: '',
    databaseUrl,
    folder,
    images,
    environment: { UPSTREAM_API_KEY: '', LOG_LEVEL: 'warn' },
  });
}

/** Generates the files through the service, which stores them, with a thumbnail and so a thumbhash for each. */
function makeFiles(data: GalleryData): Promise<readonly BenchFile[]> {
  return withFolder(async (folder) => {
    await using service = await startGalleryService(data, folder);
    const client = createClient({ baseUrl: service.url, apiKey: 'none' });
    for (const size of SIZES) {
      for (let index = 0; index < REQUESTS_PER_SIZE; index++) {
        const generation = await client.generate({ model: 'wan2.7-image', prompt: `画 ${size} ${index}`, size, n: 4 });
        for (const { url } of generation.images)
          if (url !== null) await (await fetch(`${url}&width=320`)).arrayBuffer();
      }
    }
    return withClient(data.databaseUrl, async (database) => {
      const { rows } = await database.query<BenchFile>(
        `select sha256, width, height, bytes, true as "isShared" from generation_image where role = 'output' and state = 'stored'`,
      );
      return rows;
    });
  });
}

function* withFiles(all: Iterable<BenchGeneration>, files: readonly BenchFile[]): Iterable<BenchGeneration> {
  let next = 0;
  for (const one of all) {
    const images = one.images.map((image) => {
      next = (next + 7) % files.length;
      return { ...image, ...files[next], isShared: true };
    });
    yield { ...one, projectId: PROJECT, deletedAt: null, images };
  }
}
