import { join } from 'node:path';

/** What each client is made to do, in the way that its own documents show. */
export interface BenchClient {
  /** Asks for images as base64 and writes each to its file. */
  images(count: number, folder: string): Promise<void>;
  /** Sends the images of these files and waits for a small reply. */
  upload?(files: readonly string[]): Promise<void>;
  /** Asks for one image under a URL. */
  small?(): Promise<string | undefined>;
}

export type CreateBenchClient = (baseUrl: string) => BenchClient;

export const MODEL = 'wan2.7-image';
export const PROMPT = 'A lighthouse at dusk';

export function fileOf(folder: string, index: number): string {
  return join(folder, `${index}.bin`);
}
