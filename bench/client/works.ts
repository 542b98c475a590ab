import type { ClientName } from './clients/clients.ts';
import type { Task } from './task.ts';

export interface Work {
  readonly name: string;
  readonly task: Task;
  readonly rounds: number;
  /** Measured in each round. */
  readonly clients: readonly ClientName[];
  /** Known to fail, so measured in the first round only. */
  readonly failing?: readonly ClientName[];
}

const OURS = ['wan-image', 'wan-image over fetch'] as const;

export const WORKS = {
  set: {
    name: '12 images x 8 MB, base64, to files',
    task: { kind: 'images', response: { images: 12, megabytes: 8 }, parallel: 1 },
    rounds: 5,
    clients: [...OURS, 'openai', 'ai', 'fetch'],
  },
  one: {
    name: 'one image of 4 MB, base64, to a file',
    task: { kind: 'images', response: { images: 1, megabytes: 4 }, parallel: 1 },
    rounds: 5,
    clients: [...OURS, 'openai', 'ai', 'fetch'],
  },
  huge: {
    name: '12 images x 34 MB, base64, to files (a body of 544 MB)',
    task: { kind: 'images', response: { images: 12, megabytes: 34 }, parallel: 1 },
    rounds: 2,
    clients: OURS,
    failing: ['openai', 'fetch'],
  },
  atOnce: {
    name: '8 responses at once of 12 images x 8 MB, base64, to files',
    task: { kind: 'images', response: { images: 12, megabytes: 8 }, parallel: 8 },
    rounds: 3,
    clients: [...OURS, 'openai'],
  },
  upload: {
    name: 'upload of 9 images x 20 MB from files',
    task: { kind: 'upload' },
    rounds: 3,
    clients: [...OURS, 'openai'],
  },
  small: {
    name: 'small URL response, 32 calls at once',
    task: { kind: 'small', calls: 3000, warmUp: 300, parallel: 32 },
    rounds: 4,
    clients: [...OURS, 'openai', 'fetch'],
  },
} satisfies Record<string, Work>;

export type WorkKey = keyof typeof WORKS;
export const WORK_KEYS = Object.keys(WORKS) as readonly WorkKey[];
