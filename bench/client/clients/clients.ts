import type { CreateBenchClient } from './bench-client.ts';

/** Each client is loaded only in the process that measures it. */
export const CLIENTS = {
  'wan-image': async () => (await import('./wan-image.ts')).overNode,
  'wan-image over fetch': async () => (await import('./wan-image.ts')).overFetch,
  openai: async () => (await import('./openai.ts')).openai,
  ai: async () => (await import('./ai.ts')).ai,
  fetch: async () => (await import('./bare-fetch.ts')).bareFetch,
} satisfies Record<string, () => Promise<CreateBenchClient>>;

export type ClientName = keyof typeof CLIENTS;
