import { join } from 'node:path';

/** Incoming files; on the same file system, so that a rename is atomic. */
export const TEMPORARY = 'tmp';

/** Files to be removed. */
export const ASIDE = 'swept';

/** File with the id of the database that the store belongs to. */
export const OWNER = 'owner';

export function isHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

function shardOf(sha256: string): string {
  return sha256.slice(0, 2);
}

/** The path of a file, by its SHA-256: `ab/abcd…`. */
export function pathOf(folder: string, sha256: string): string {
  return join(folder, shardOf(sha256), sha256);
}

/** The path in earlier versions: `ab/cd/abcd…`. */
export function legacyPathOf(folder: string, sha256: string): string {
  return join(folder, shardOf(sha256), sha256.slice(2, 4), sha256);
}

/** Every path where a file may be, the likeliest first. */
export function pathsOf(folder: string, sha256: string): readonly string[] {
  return [pathOf(folder, sha256), legacyPathOf(folder, sha256)];
}
