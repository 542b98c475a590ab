import { join } from 'node:path';

/** The work of each client, written as its own documentation shows it. */
export interface BenchClient {
  /** Requests images as base64 and writes each to its file. */
  images(count: number, folder: string): Promise<void>;
  /** Sends the images of these files and waits for a small response. */
  upload?(files: readonly string[]): Promise<void>;
  /** Requests one image as a URL. */
  small?(): Promise<string | undefined>;
}

export type CreateBenchClient = (baseUrl: string) => BenchClient;

export const MODEL = 'wan2.7-image';
export const PROMPT = 'A lighthouse at dusk';

export function fileOf(folder: string, index: number): string {
  return join(folder, `${index}.bin`);
}
