import type { GenerationFilter } from '@wan-image/core';
import { randomPrompt } from '@wan-image/testing/prompts';
import { below, pick, type Random } from '@wan-image/testing/random-response';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { monthsAround } from '../../src/database/partitions.ts';
import type { NewImage } from '../../src/ledger/generation-image.entity.ts';
import type { GenerationEntity } from '../../src/ledger/generation.entity.ts';
import { insertRows, type NewRows } from '../../src/ledger/json-rows.repository.ts';
import { normal, wordsOf } from './search-corpus.ts';

/** A generation with everything that a filter is about, and the same as a row of memory. */
export interface Sample {
  readonly generation: GenerationEntity;
  readonly inputs: readonly { readonly sha256: string | null }[];
  readonly outputs: readonly SampleImage[];
  readonly tags: readonly string[];
  readonly parents: readonly string[];
}

interface SampleImage {
  readonly index: number;
  readonly sha256: string;
  readonly state: 'stored' | 'lost' | 'deleted';
  readonly favorite: boolean;
  readonly isDeleted: boolean;
}

export const PROJECTS = [uuidv7(), uuidv7()] as const;
const KEYS = [uuidv7(), uuidv7()] as const;
const MODELS = ['wan2.7-image', 'wan2.7-image-pro'] as const;
const SIZES = ['1K', '2K', '1024x768'] as const;
const SOURCES = ['api', 'n8n', 'page'] as const;
const TAGS = ['花', 'draft', 'Draft', '4K'] as const;
const USERS = ['小王', 'u-2'] as const;
const HASHES = Array.from({ length: 8 }, (_, index) => String(index).repeat(64));
const STATES = ['succeeded', 'succeeded', 'failed', 'canceled', 'queued', 'running'] as const;
const OUTCOMES = {
  succeeded: ['billed'],
  failed: ['billed', 'unknown', 'not_billed'],
  canceled: ['unknown', 'not_billed'],
  queued: [null],
  running: [null],
} as const;

const maybe = <T>(random: Random, part: number, value: () => T): T | null => (random() < part ? value() : null);

/** Samples over the months that there are; several of each hundred have the same millisecond. */
export function samplesOf(random: Random, count: number): readonly Sample[] {
  const [start = new Date()] = monthsAround(new Date());
  const span = Date.now() - start.getTime();
  const samples: Sample[] = [];
  for (let at = 0; at < count; at++) {
    const time = new Date(start.getTime() + Math.floor((span * (at - (at % 7))) / count));
    const projectId = PROJECTS[random() < 0.7 ? 0 : 1];
    const state = pick(random, [...STATES]);
    const outcome = pick(random, [...OUTCOMES[state]]);
    const others = samples.filter((other) => other.generation.projectId === projectId);
    const parent =
      others.length > 0 ? maybe(random, 0.3, () => others[below(random, Math.min(9, others.length))]) : null;
    const order = maybe(random, 0.3, () => String(below(random, 3)));
    samples.push({
      generation: {
        ...EMPTY,
        id: uuidv7({ msecs: time.getTime() }),
        projectId,
        state,
        outcome,
        model: pick(random, [...MODELS]),
        source: pick(random, [...SOURCES]),
        apiKeyId: maybe(random, 0.7, () => pick(random, [...KEYS])),
        prompt: Array.from(randomPrompt(random)).slice(0, 60).join('').replaceAll('\0', ''),
        request: { size: pick(random, [...SIZES]), ...(random() < 0.4 && { seed: below(random, 3) }) },
        clientUser: maybe(random, 0.4, () => pick(random, [...USERS])),
        metadata: order === null ? null : { order, shop: '花店' },
        simulated: random() < 0.3,
        createdAt: time,
        finishedAt: outcome === null ? null : time,
        deletedAt: maybe(random, 0.15, () => time),
      } as Partial<GenerationEntity> as GenerationEntity,
      inputs: Array.from({ length: random() < 0.4 ? 1 : 0 }, () => ({
        sha256: maybe(random, 0.8, () => HASHES[below(random, 8)] ?? ''),
      })),
      outputs: Array.from({ length: state === 'succeeded' ? below(random, 4) : 0 }, (_, index) => ({
        index,
        sha256: HASHES[below(random, 8)] ?? '',
        state: pick(random, ['stored', 'stored', 'stored', 'lost', 'deleted']),
        favorite: random() < 0.3,
        isDeleted: random() < 0.2,
      })),
      tags: TAGS.filter(() => random() < 0.3),
      parents: parent === null || parent === undefined ? [] : [parent.generation.id],
    });
  }
  return samples;
}

const EMPTY = { dropped: [], adapted: [], metadata: null };

function imageOf(facts: Pick<NewImage, 'role' | 'index' | 'sha256' | 'state' | 'deletedAt'>): NewImage {
  return { width: null, height: null, bytes: null, mimeType: null, revisedPrompt: null, sourceUrl: null, ...facts };
}

/** As the service inserts them. */
export function rowsOf({ generation, inputs, outputs, parents }: Sample): NewRows {
  const images: NewImage[] = [
    ...inputs.map(({ sha256 }, index) => imageOf({ role: 'input', index, sha256, state: null })),
    ...outputs.map(({ index, sha256, state, isDeleted }) =>
      imageOf({
        role: 'output',
        index,
        sha256,
        state,
        deletedAt: isDeleted || state === 'deleted' ? generation.createdAt : null,
      }),
    ),
  ];
  return { generation, inputs: images, openResponse: null, rerunOf: parents[0] ?? null };
}

export async function recordSamples(dataSource: DataSource, samples: readonly Sample[]): Promise<void> {
  for (const sample of samples) {
    await insertRows(dataSource.manager, [rowsOf(sample)]);
    const { generation, outputs, tags } = sample;
    const { id, projectId } = generation;
    await dataSource.query(
      `insert into generation_tag (generation_id, tag, project_id) select $1, tag, $2 from unnest($3::text[]) as tag`,
      [id, projectId, tags],
    );
    await dataSource.query(
      `insert into favorite_image (generation_id, index, project_id) select $1, index, $2 from unnest($3::smallint[]) as index`,
      [id, projectId, outputs.filter(({ favorite }) => favorite).map(({ index }) => index)],
    );
  }
}

type Part = {
  readonly [Name in keyof GenerationFilter]-?: (random: Random, samples: readonly Sample[]) => GenerationFilter[Name];
};

const anyOf = <T extends string>(random: Random, values: readonly T[]): T[] =>
  values.filter(() => random() < 0.5).concat(values.slice(0, 1));
const sampleOf = (random: Random, samples: readonly Sample[]): Sample =>
  samples[below(random, samples.length)] as Sample;

/** A value of each part of a filter. */
export const PARTS: Part = {
  q: (random, samples) =>
    Array.from(sampleOf(random, samples).generation.prompt)
      .slice(0, 1 + below(random, 2))
      .join('')
      .replaceAll('"', ''),
  state: (random) =>
    random() < 0.3 ? ['failed'] : anyOf(random, ['succeeded', 'failed', 'canceled', 'queued', 'running']),
  outcome: (random) => (random() < 0.3 ? ['unknown'] : anyOf(random, ['billed', 'not_billed', 'unknown'])),
  model: (random) => anyOf(random, MODELS),
  size: (random) => anyOf(random, SIZES).slice(0, 1),
  source: (random) => anyOf(random, SOURCES),
  api_key: (random) => anyOf(random, KEYS),
  tag: (random) => [...new Set(anyOf(random, TAGS))].slice(0, 2),
  favorite: () => true,
  created_after: (random, samples) => sampleOf(random, samples).generation.createdAt.toISOString(),
  created_before: (random, samples) => sampleOf(random, samples).generation.createdAt.toISOString(),
  has_input_image: (random) => random() < 0.5,
  derived_from: (random, samples) =>
    random() < 0.9
      ? (samples.find(({ parents }) => parents.length > 0 && random() < 0.3)?.parents[0] ?? samples[0]?.generation.id)
      : samples[0]?.generation.id,
  seed: (random) => below(random, 3),
  id: (random, samples) => Array.from({ length: 20 }, () => sampleOf(random, samples).generation.id),
  user: (random) => pick(random, [...USERS]),
  metadata: (random) => (random() < 0.5 ? { order: String(below(random, 3)) } : { shop: '花店', order: '1' }),
  simulated: (random) => random() < 0.3,
  image_sha256: (random) => HASHES[below(random, 8)],
  deleted: () => true,
};

/** The filter as the API defines it, of generations. */
export function selects(filter: GenerationFilter, { generation, inputs, outputs, tags, parents }: Sample): boolean {
  const created = generation.createdAt.getTime();
  const oneOf = (values: readonly string[] | undefined, value: string | null): boolean =>
    values === undefined || (value !== null && values.includes(value));
  const isIn = outputs.filter(({ isDeleted, state }) => !isDeleted && state !== 'deleted');
  return (
    wordsOf(filter.q ?? '').every((word) => normal(generation.prompt).includes(word)) &&
    oneOf(filter.state, generation.state) &&
    oneOf(filter.outcome, generation.outcome) &&
    oneOf(filter.model, generation.model) &&
    oneOf(filter.size, (generation.request as { size: string }).size) &&
    oneOf(filter.source, generation.source) &&
    oneOf(filter.api_key, generation.apiKeyId) &&
    oneOf(filter.id, generation.id) &&
    (filter.tag ?? []).every((tag) => tags.includes(tag)) &&
    (filter.created_after === undefined || created >= Date.parse(filter.created_after)) &&
    (filter.created_before === undefined || created < Date.parse(filter.created_before)) &&
    (filter.has_input_image === undefined || filter.has_input_image === inputs.length > 0) &&
    (filter.derived_from === undefined || parents.includes(filter.derived_from)) &&
    (filter.seed === undefined || (generation.request as { seed?: number }).seed === filter.seed) &&
    (filter.user === undefined || generation.clientUser === filter.user) &&
    Object.entries(filter.metadata ?? {}).every(([key, value]) => generation.metadata?.[key] === value) &&
    (filter.simulated === undefined || generation.simulated === filter.simulated) &&
    (filter.favorite === undefined || isIn.some(({ favorite }) => favorite)) &&
    (filter.image_sha256 === undefined || [...inputs, ...isIn].some(({ sha256 }) => sha256 === filter.image_sha256)) &&
    (filter.deleted === true) === (generation.deletedAt !== null)
  );
}

/** The images that a filter selects: the parts that are about an image mean the image itself. */
export function imagesSelected(filter: GenerationFilter, sample: Sample): readonly number[] {
  const { favorite, deleted, image_sha256, ...whole } = filter;
  const { generation, outputs } = sample;
  const isInBin = generation.deletedAt !== null;
  if (!selects({ ...whole, ...(isInBin && { deleted: true }) }, sample)) return [];
  return outputs
    .filter(
      (image) =>
        image.state !== 'deleted' &&
        (deleted === true) === (isInBin || image.isDeleted) &&
        (favorite === undefined || image.favorite) &&
        (image_sha256 === undefined || image.sha256 === image_sha256),
    )
    .map(({ index }) => index);
}
