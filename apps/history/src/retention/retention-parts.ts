import type { RetentionPolicy, RetentionResult } from '@wan-image/core';
import { firstIdOf } from '../database/partitions.ts';

/**
 * The parts of a run, in their order. In the bin, the deletion wins over favorites and tags. `space` follows `images`: what is beyond the
 * bytes that a project may keep.
 */
export const PARTS = ['bin', 'bin_images', 'records', 'images', 'space', 'inputs'] as const;
export type Part = (typeof PARTS)[number];

/** What a part deletes, in the words of the result. */
export const RESULT_OF = {
  bin: 'bin',
  bin_images: 'bin',
  records: 'records',
  images: 'images',
  space: 'images',
  inputs: 'inputs',
} as const satisfies Record<Part, keyof RetentionResult>;

/** What a policy means today. A limit that is null keeps everything. */
export interface Limits {
  /** What was put into the bin before this time goes: RFC 3339. */
  readonly binnedBefore: string | null;
  /** Generations with smaller ids go: ids are in the order of time. */
  readonly recordsBefore: string | null;
  readonly imagesBefore: string | null;
  readonly inputsBefore: string | null;
  /** The bytes that all output images together may have. */
  readonly maxBytes: number | null;
  readonly keepsFavorites: boolean;
  readonly keptTags: readonly string[];
}

/** Below each of these ids there is nothing left for a part to delete, or only what was spared when it looked. */
export interface Walked {
  readonly records?: string;
  readonly images?: string;
  readonly inputs?: string;
  /** When everything was last looked at, from the beginning: RFC 3339. */
  readonly wholeAt?: string;
}

const DAY_MS = 86_400_000;

/** `countedBefore` is the id of the last generation that `records.max_count` keeps; null if there are not so many. */
export function limitsOf(policy: RetentionPolicy, now: Date, countedBefore: string | null): Limits {
  const timeBefore = (days: number): Date => new Date(Math.max(0, now.getTime() - days * DAY_MS));
  const idBefore = (days: number | null): string | null => (days === null ? null : firstIdOf(timeBefore(days)));
  const { images, inputs, records, bin_days: binDays } = policy;
  const oldBefore = idBefore(records.max_age_days);
  const isOldLater = countedBefore === null || (oldBefore !== null && oldBefore > countedBefore);
  return {
    binnedBefore: binDays === null ? null : timeBefore(binDays).toISOString(),
    recordsBefore: isOldLater ? oldBefore : countedBefore,
    imagesBefore: idBefore(images.max_age_days),
    inputsBefore: idBefore(inputs.max_age_days),
    maxBytes: images.max_bytes,
    keepsFavorites: policy.keep_favorites,
    keptTags: policy.keep_tags,
  };
}

export function hasLimits({ images, inputs, records, bin_days: binDays }: RetentionPolicy): boolean {
  return [
    images.max_age_days,
    images.max_bytes,
    inputs.max_age_days,
    records.max_age_days,
    records.max_count,
    binDays,
  ].some((limit) => limit !== null);
}

/** Whether a part has anything to do. */
export function hasLimit(part: Part, limits: Limits): boolean {
  if (part === 'space') return limits.maxBytes !== null;
  return boundOf(part, limits) !== null;
}

/** Before which time or id a part deletes; null if it deletes nothing, or does not go by them. */
export function boundOf(part: Part, limits: Limits): string | null {
  const { binnedBefore, recordsBefore, imagesBefore, inputsBefore } = limits;
  const bounds = {
    bin: binnedBefore,
    bin_images: binnedBefore,
    records: recordsBefore,
    images: imagesBefore,
    space: null,
    inputs: inputsBefore,
  };
  return bounds[part];
}

/** The smallest id. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Where a run is. */
export interface Position {
  readonly part: Part | 'end';
  /** The last generation that it has looked at. */
  readonly after: string;
  /** For `space`: the bytes that are still too many; null until they are known. */
  readonly excess: number | null;
  readonly walked: Walked;
}

export function startOf(walked: Walked): Position {
  return enter('bin', walked);
}

/** The position after a part: the next part, or the end. */
export function nextPosition({ part, after, excess, walked }: Position, limits: Limits): Position {
  const { recordsBefore, imagesBefore, inputsBefore } = limits;
  const done: Walked = {
    ...walked,
    ...(part === 'records' && recordsBefore !== null && { records: later(walked.records, recordsBefore) }),
    ...(part === 'images' && imagesBefore !== null && { images: later(walked.images, imagesBefore) }),
    ...(part === 'space' && excess !== null && { images: later(walked.images, after) }),
    ...(part === 'inputs' && inputsBefore !== null && { inputs: later(walked.inputs, inputsBefore) }),
  };
  return enter(part === 'end' ? 'end' : (PARTS[PARTS.indexOf(part) + 1] ?? 'end'), done);
}

function enter(part: Position['part'], walked: Walked): Position {
  const { records, images, inputs } = walked;
  const cursors = { bin: undefined, bin_images: undefined, records, images, space: images, inputs, end: undefined };
  return { part, after: cursors[part] ?? FIRST_ID, excess: null, walked };
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other;
}
