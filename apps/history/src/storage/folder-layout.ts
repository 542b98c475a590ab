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

function shardOf(sha256: string): string {
  return sha256.slice(0, 2);
}

/** Where a file is stored: `ab/abcd…`, by its SHA-256. */
export function pathOf(folder: string, sha256: string): string {
  return join(folder, shardOf(sha256), sha256);
}

/** Where earlier versions stored it: `ab/cd/abcd…`. */
export function legacyPathOf(folder: string, sha256: string): string {
  return join(folder, shardOf(sha256), sha256.slice(2, 4), sha256);
}

/** Every place where a file may be, the likeliest first. */
export function pathsOf(folder: string, sha256: string): readonly string[] {
  return [pathOf(folder, sha256), legacyPathOf(folder, sha256)];
}
