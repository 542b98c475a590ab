import { join } from 'node:path';

/** Files on their way in; on the same file system, so that a rename is atomic. */
export const TEMPORARY = 'tmp';

/** Files on their way out. */
export const ASIDE = 'swept';

/** File with the id of the database that the store belongs to. */
export const OWNER = 'owner';

export function isHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** Where a file is stored: `ab/cd/abcd…`, by its SHA-256. */
export function pathOf(folder: string, sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}
