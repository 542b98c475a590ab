import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { openServiceDatabase } from '../../src/boot/open-database.ts';
import { readConfig } from '../../src/config/config.ts';
import { ensurePartitions } from '../../src/database/partitions.ts';
import { DEFAULT_PROJECT_ID } from '../../src/domain/project-id.ts';
import type { NewImage } from '../../src/ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../../src/ledger/generation.entity.ts';
import { insertImages } from '../../src/ledger/image-rows.repository.ts';
import { insertRows } from '../../src/ledger/json-rows.repository.ts';
import type { TestData } from './test-history.ts';

export const DAY_MS = 86_400_000;

/** A generation of some days ago. */
export interface Aged {
  readonly days: number;
  /** The bytes of each output image; 10 of one without this. */
  readonly images?: readonly number[];
  /** The inputs: given as bytes (`copy`), or as a URL of which there is a copy (`url`). */
  readonly inputs?: readonly ('copy' | 'url')[];
  readonly state?: 'running' | 'succeeded';
  /** Whether its images are yet to be fetched. */
  readonly isPending?: boolean;
  readonly projectId?: string;
}

/** Records generations as the service does, and returns their ids. The files of their images do not exist. */
export async function recordAged(dataSource: DataSource, all: readonly Aged[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const aged of all) {
    const createdAt = new Date(Date.now() - aged.days * DAY_MS);
    const id = uuidv7({ msecs: createdAt.getTime() });
    await ensurePartitions(dataSource, createdAt);
    const inputs = (aged.inputs ?? []).map((kind, index) =>
      imageOf('input', index, 7, id, { sourceUrl: kind === 'url' ? `https://example.com/${index}.png` : null }),
    );
    const { state = 'succeeded', projectId = DEFAULT_PROJECT_ID } = aged;
    const times = { createdAt, sentAt: createdAt, finishedAt: state === 'succeeded' ? createdAt : null };
    const outcome = state === 'succeeded' ? 'billed' : null;
    const generation = { ...GENERATION, ...times, id, projectId, state, outcome } as GenerationEntity;
    await insertRows(dataSource.manager, [{ generation, inputs, openResponse: null, rerunOf: null }]);
    const images = (aged.images ?? [10]).map((bytes, index) =>
      imageOf('output', index, bytes, id, aged.isPending === true ? PENDING : {}),
    );
    if (state === 'succeeded') await insertImages(dataSource.manager, id, images);
    ids.push(id);
  }
  return ids;
}

/** As {@link recordAged}, in the database of a service that does not run. */
export async function recordAgedIn(testData: TestData, all: readonly Aged[]): Promise<readonly string[]> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    return await recordAged(database.dataSource, all);
  } finally {
    await database.close();
  }
}

function imageOf(
  role: 'input' | 'output',
  index: number,
  bytes: number,
  id: string,
  others: Partial<NewImage>,
): NewImage {
  const sha256 = createHash('sha256').update(`${id} ${role} ${index}`).digest('hex');
  return {
    role,
    index,
    state: 'stored',
    sourceUrl: null,
    sha256,
    width: 300,
    height: 300,
    bytes,
    mimeType: 'image/png',
    revisedPrompt: null,
    ...others,
  };
}

const PENDING = {
  state: 'pending',
  sha256: null,
  bytes: null,
  sourceUrl: 'http://127.0.0.1:9/a.png',
  tryAt: new Date(8e12),
} as const;

const GENERATION: Partial<GenerationEntity> = {
  source: 'test',
  model: 'wan2.7-image',
  prompt: '花',
  request: { model: 'wan2.7-image', prompt: '花', n: 1, size: '1K' },
  clientUser: null,
  metadata: null,
  dropped: [],
  adapted: [],
  simulated: false,
};
