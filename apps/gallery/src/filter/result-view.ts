import { createPreference, usePreference } from '../page/preference.ts';
import type { LibrarySearch } from './library-search.ts';

export const RESULT_VIEWS = ['grid', 'list'] as const;

export type ResultView = (typeof RESULT_VIEWS)[number];

/** How what is found is shown: a grid of images, or a list of generations with the matches in their texts. */
export const resultViewPreference = createPreference<ResultView>('results', RESULT_VIEWS, () => 'grid');

/** How the library shows this filter. Without one it is always a grid. */
export function useResultView(search: LibrarySearch): ResultView {
  const chosen = usePreference(resultViewPreference);
  if (!canBeList(search)) return 'grid';
  // Whoever looks for a file asks for its record, which may have had it as input only: the grid has no such image.
  return search.image_sha256 === undefined ? chosen : 'list';
}

/** Whether there is a choice. */
export function canChooseView(search: LibrarySearch): boolean {
  return canBeList(search) && search.image_sha256 === undefined;
}

function canBeList(search: LibrarySearch): boolean {
  return Object.keys(search).some((name) => name !== 'deleted');
}
