import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { LibrarySearch } from '../filter/library-search.ts';
import { librarySearchOf } from '../filter/use-library-search.ts';
import { searchProblem, type SearchProblem } from './search-problem.ts';

/** Long enough that a word is typed to its end, short enough not to be noticed. */
const DEBOUNCE_MS = 250;

export interface SearchText {
  /** What the box shows. */
  readonly text: string;
  readonly problem: SearchProblem | null;
  /** The text was changed. It is searched for after a moment, unless an input method is composing it. */
  change(text: string, isComposing: boolean): void;
  /** Searches at once. */
  submit(text?: string): void;
}

/** The text of the search box, which is typed here and ends up in the URL. */
export function useSearchText(): SearchText {
  const { pathname, isFilterable, search } = useRouterState({ select: currentFilter, structuralSharing: true });
  const navigate = useNavigate();
  const url = search.q ?? '';
  const [draft, setDraft] = useState<string | null>(null);
  const [seen, setSeen] = useState(url);
  /** What was searched for last: the URL that has it is no other search. */
  const [sent, setSent] = useState(url);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Another search was opened, for example by "back": it replaces what is typed, unless that is what it searches for.
  if (seen !== url) {
    setSeen(url);
    if (draft !== null && draft.trim() !== url && url !== sent) setDraft(null);
  }
  const submit = useCallback(
    (text: string): void => {
      clearTimeout(timer.current);
      const q = text.trim();
      if (searchProblem(q) !== null || (q === url && (isFilterable || q === ''))) return;
      setSent(q);
      const { q: previous, ...filter } = search;
      // While it is typed, a search replaces the one before: "back" leads to what was there before it.
      const replace = isFilterable && previous !== undefined;
      void navigate({ to: '/', search: { ...(q !== '' && { q }), ...filter }, replace });
    },
    [isFilterable, navigate, search, url],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  // Whoever has gone elsewhere meanwhile is not led back by what they typed before.
  useEffect(() => {
    if (pathname !== '/' || url !== sent) clearTimeout(timer.current);
  }, [pathname, sent, url]);
  // A filter that was set meanwhile stays.
  const latest = useRef(submit);
  useEffect(() => {
    latest.current = submit;
  }, [submit]);
  const text = draft ?? url;
  return {
    text,
    problem: searchProblem(text.trim()),
    change(next, isComposing) {
      setDraft(next);
      clearTimeout(timer.current);
      if (!isComposing) timer.current = setTimeout(() => latest.current(next), DEBOUNCE_MS);
    },
    submit: (next = text) => {
      setDraft(next);
      submit(next);
    },
  };
}

interface CurrentFilter {
  readonly pathname: string;
  /** Whether the page shows the library, whose filters stay when something is searched for. */
  readonly isFilterable: boolean;
  readonly search: LibrarySearch;
}

const NO_FILTER: LibrarySearch = {};

function currentFilter({ location }: { readonly location: Location }): CurrentFilter {
  const isFilterable = location.pathname === '/';
  const hasFilter = isFilterable || location.pathname.startsWith('/view/');
  return {
    pathname: location.pathname,
    isFilterable,
    search: hasFilter ? librarySearchOf(location.searchStr) : NO_FILTER,
  };
}

interface Location {
  readonly pathname: string;
  readonly searchStr: string;
}
