import { promptOf } from './responses.ts';

export interface Work {
  readonly name: string;
  readonly prompts: readonly string[];
  readonly rounds: number;
}

export const WORKS = {
  /** What n8n itself needs for a run: the image is nearly empty. */
  nothing: { name: '1 image x 2 KB', prompts: [promptOf('small', 0)], rounds: 3 },
  set: { name: '12 images x 8 MB in one item, filesystem binary mode', prompts: [promptOf('large', 0)], rounds: 3 },
  items: {
    name: '50 items, 1 image each, upstream delay 1 s, concurrency 5',
    prompts: Array.from({ length: 50 }, (_, item) => promptOf('late', item)),
    rounds: 2,
  },
  downloads: {
    name: 'Download Images: 20 generations x 10 images x 8 MB, filesystem binary mode',
    prompts: Array.from({ length: 20 }, (_, item) => promptOf('recorded', item)),
    rounds: 3,
  },
} as const satisfies Record<string, Work>;

export type WorkKey = keyof typeof WORKS;
export const WORK_KEYS = Object.keys(WORKS) as readonly WorkKey[];
