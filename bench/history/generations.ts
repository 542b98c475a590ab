import { below, randomOf, type Random } from '@wan-image/testing/random-response';
import { randomPrompt } from './prompts.ts';
import { CHINESE, zipf } from './words.ts';

const PROJECTS = 500;
/** Of all generations. */
const LARGEST = 0.35;
export const TAGS = 200;
const USERS = 5_000;
export const MONTHS = 24;

export const MODELS = ['wan2.7-image', 'wan2.7-image-pro'] as const;
export const SOURCES = ['sdk', 'n8n', 'api', 'page'] as const;

/** A generation with what belongs to it. */
export interface BenchGeneration {
  readonly id: string;
  readonly createdAt: Date;
  readonly projectId: string;
  readonly state: 'succeeded' | 'failed' | 'canceled';
  readonly outcome: 'billed' | 'not_billed' | 'unknown';
  readonly source: string;
  readonly model: string;
  readonly prompt: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly clientUser: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly note: string | null;
  readonly deletedAt: Date | null;
  readonly tags: readonly string[];
  readonly inputUrls: readonly string[];
  readonly images: readonly BenchImage[];
  readonly parent: string | null;
}

/** An image file. */
export interface BenchFile {
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Whether other images have it too, and it exists: then it has its thumbhash. */
  readonly isShared: boolean;
}

interface BenchImage extends BenchFile {
  readonly revisedPrompt: string | null;
  readonly isFavorite: boolean;
}

/** The largest project first. */
export function projectIds(): readonly string[] {
  const random = randomOf(3);
  return Array.from({ length: PROJECTS }, (_, index) => uuidv7(random, Date.UTC(2024, 0, 1) + index));
}

export const tagOf = (rank: number): string => CHINESE.words[rank * 7] ?? 'tag';
export const userOf = (rank: number): string => `user-${rank}`;

const tagRank = zipf(TAGS);
const userRank = zipf(USERS);
const otherProject = zipf(PROJECTS - 1);

export function randomProject(random: Random, projects: readonly string[]): string {
  return projects[random() < LARGEST ? 0 : 1 + otherProject(random)] ?? '';
}

/** Spreads generations evenly over the months before `end`; in the order of time, the same in each run but for the time. */
export function* generations(count: number, end: Date): Iterable<BenchGeneration> {
  const random = randomOf(4);
  const projects = projectIds();
  const start = startOf(end);
  const step = (end.getTime() - start.getTime()) / count;
  const last = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const createdAt = new Date(Math.floor(start.getTime() + step * index));
    const projectId = randomProject(random, projects);
    const one = generationAt(random, createdAt, projectId, last.get(projectId) ?? null);
    last.set(projectId, one.id);
    yield one;
  }
}

export function startOf(end: Date): Date {
  return new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - MONTHS, end.getUTCDate()));
}

export function generationAt(
  random: Random,
  createdAt: Date,
  projectId: string,
  previous: string | null,
): BenchGeneration {
  const end = random();
  const state = end < 0.94 ? 'succeeded' : end < 0.98 ? 'failed' : 'canceled';
  const isUnknown = state === 'failed' && random() < 0.1;
  const size = random();
  const n = size < 0.3 ? 1 : size < 0.5 ? 2 : size < 0.7 ? 3 : 4;
  const revised = random() < 0.2 ? randomPrompt(random) : null;
  const seed = random() < 0.3 ? below(random, 2 ** 31) : null;
  return {
    id: uuidv7(random, createdAt.getTime()),
    createdAt,
    projectId,
    state,
    outcome: state === 'succeeded' ? 'billed' : isUnknown ? 'unknown' : 'not_billed',
    source: SOURCES[below(random, SOURCES.length)] ?? '',
    model: MODELS[random() < 0.7 ? 0 : 1] ?? '',
    prompt: randomPrompt(random),
    request: { n, size: '2K', ...(seed === null ? {} : { seed }) },
    clientUser: random() < 0.1 ? userOf(userRank(random)) : null,
    metadata: random() < 0.05 ? { order: String(below(random, 1_000_000)) } : null,
    note: random() < 0.01 ? randomPrompt(random) : null,
    deletedAt: random() < 0.005 ? createdAt : null,
    tags:
      random() < 0.05 ? [...new Set(Array.from({ length: 1 + below(random, 3) }, () => tagOf(tagRank(random))))] : [],
    inputUrls: random() < 0.1 ? [`https://example.com/inputs/${below(random, 1_000_000)}.png`] : [],
    images:
      state === 'succeeded'
        ? Array.from({ length: n }, () => ({
            sha256: hex(random, 64),
            width: 2048,
            height: 2048,
            bytes: 4_000_000,
            isShared: false,
            revisedPrompt: revised,
            isFavorite: random() < 0.02,
          }))
        : [],
    parent: previous !== null && random() < 0.02 ? previous : null,
  };
}

/** An id that sorts by time, as the service makes them. */
export function uuidv7(random: Random, time: number): string {
  const digits = `${time.toString(16).padStart(12, '0')}7${hex(random, 3)}${'89ab'[below(random, 4)]}${hex(random, 15)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function hex(random: Random, length: number): string {
  let text = '';
  while (text.length < length)
    text += below(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}
