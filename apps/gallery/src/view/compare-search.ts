import { allOf, type SearchParams } from '../page/search-params.ts';

/** More would be too small to compare. */
export const MAX_COMPARED = 4;

export interface CompareSearch {
  /** Ids of two to four images. */
  readonly image?: readonly string[] | undefined;
}

/** Reads the search parameters of `/compare`. */
export function readCompareSearch(search: SearchParams): CompareSearch {
  const image = allOf(search['image']);
  return image === undefined ? {} : { image: [...new Set(image)].slice(0, MAX_COMPARED) };
}
