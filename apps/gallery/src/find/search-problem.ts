import { MAX_SEARCH_CHARACTERS, MAX_SEARCH_WORDS, parseFilterQuery, searchWords } from '@wan-image/core';

/** Why a search cannot be carried out: the key of a text, and the limit that it names. */
export interface SearchProblem {
  readonly text: 'tooLong' | 'tooManyWords' | 'unreadable';
  readonly limit: number;
}

/** The problem of a search; null if there is none. The contract decides, this only finds the words for it in the language of the page. */
export function searchProblem(q: string): SearchProblem | null {
  if (q === '' || parseFilterQuery({ q }, []).ok) return null;
  if (Array.from(q).length > MAX_SEARCH_CHARACTERS) return { text: 'tooLong', limit: MAX_SEARCH_CHARACTERS };
  if (searchWords(q).length > MAX_SEARCH_WORDS) return { text: 'tooManyWords', limit: MAX_SEARCH_WORDS };
  return { text: 'unreadable', limit: 0 };
}
