import type { LibrarySearch } from '../filter/library-search.ts';
import { reader } from '../api/reader.ts';
import { hashOf } from './hash-file.ts';

/** The file could not be read: a folder, or one that was deleted or changed since it was chosen. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/** The filter that selects what made this file or was given it, in the bin if it is only there; null if nothing did. */
export async function filterOfFile(file: Blob, signal: AbortSignal): Promise<LibrarySearch | null> {
  const image_sha256 = await hashOf(file).catch((cause: unknown) => {
    throw new UnreadableFileError('The file cannot be read', { cause });
  });
  const filters: readonly LibrarySearch[] = [{ image_sha256 }, { image_sha256, deleted: true }];
  for (const filter of filters) {
    const { data } = await reader.page({ ...filter, limit: 1, signal });
    if (data.length > 0) return filter;
  }
  return null;
}
