import { useNavigate, useRouterState } from '@tanstack/react-router';
import { parseSearchParams } from '../page/search-params.ts';
import { readLibrarySearch, type LibrarySearch } from './library-search.ts';

/** The filter in the URL of the library, and what replaces it. */
export function useLibrarySearch(): readonly [search: LibrarySearch, change: (next: LibrarySearch) => void] {
  const search = useRouterState({
    select: ({ location }) => librarySearchOf(location.searchStr),
    structuralSharing: true,
  });
  const navigate = useNavigate();
  return [search, (next) => void navigate({ to: '/', search: next })];
}

/** From the text of the URL: the router has validated it for its own view only, and these parts are beside it. */
export function librarySearchOf(query: string): LibrarySearch {
  return readLibrarySearch(parseSearchParams(query));
}
