import { join } from 'node:path';

/** Folder for what is being written; on the same file system, so that a rename is atomic. */
export const TEMPORARY = 'tmp';

/** Where an image lies in the folder: `ab/cd/abcd…`, by its SHA-256. */
export function pathOf(folder: string, sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}
