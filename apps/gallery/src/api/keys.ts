import type { GenerationFilter } from '@wan-image/core';

/**
 * Keys of what is cached. Everything that depends on which images there are stands under `library`, so that one invalidation of
 * `libraryKeys.all` refreshes it, for example after a generation.
 */
export const libraryKeys = {
  all: ['library'] as const,
  /** How many images each day has. */
  timeline: (tz: string) => ['library', 'timeline', tz] as const,
  /** All lists of images: each is cached as an `ImageList`, or as the pages of an infinite query. */
  lists: ['library', 'images'] as const,
  /** One list of images. */
  images: (filter: GenerationFilter, ...part: readonly (string | number | null)[]) =>
    ['library', 'images', filter, ...part] as const,
  /** Lists of generations. */
  generations: (filter: GenerationFilter) => ['library', 'generations', filter] as const,
};

/** All records of single images. */
export const IMAGES_KEY = ['image'] as const;

/** All records of generations. */
export const GENERATIONS_KEY = ['generation'] as const;

/** The tags of the project. */
export const TAGS_KEY = ['tags'] as const;

/** The record of an image: `SingleImageRecord`. */
export function imageKey(id: string): readonly ['image', string] {
  return ['image', id];
}

/** The record of a generation: `GenerationRecord`. What else is about it stands below, such as its lineage. */
export function generationKey(id: string): readonly ['generation', string] {
  return ['generation', id];
}

/** What the page of activity reads. */
export const ACTIVITY_KEY = ['activity'] as const;

/** What stands beside the form: generated lately, or in flight. */
export const RECENT_KEY = ['create', 'recent'] as const;
