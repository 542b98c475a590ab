import { NO_TEXT } from './client-reference.ts';

/** Maximum number of Unicode code points of a search. */
export const MAX_SEARCH_CHARACTERS = 200;
/** Maximum number of words of a search. */
export const MAX_SEARCH_WORDS = 10;

/**
 * The form in which texts and searches are compared: full-width and half-width, composed and decomposed, upper and lower case are equal.
 * Always made here, never by a database, whose rules differ.
 */
export function normalForm(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Two quotes with something between them, or what stands between white space. */
const WORD = /"([^"]+)"|\S+?(?=\s|$|"[^"]+")/gu;

const HAS_CONTENT = /[\p{L}\p{N}\p{S}]/u;

/**
 * The words of a search in their normal form, without repetitions: split at white space, except within two quotes (U+0022); a quote
 * without a partner is a character. A word without a letter, a digit or a symbol is ignored, so that there may be none.
 */
export function searchWords(search: string): readonly string[] {
  const words = Array.from(search.matchAll(WORD), ([word, quoted]) => normalForm(quoted ?? word));
  return [...new Set(words.filter((word) => HAS_CONTENT.test(word)))];
}

/** Why a search is refused; null if it is not. */
export function searchProblem(search: string): string | null {
  if (NO_TEXT.test(search)) return 'q contains a NUL character or half of a surrogate pair: send plain text.';
  if (Array.from(search).length > MAX_SEARCH_CHARACTERS)
    return `q has more than ${MAX_SEARCH_CHARACTERS} characters: search for a part of it.`;
  const words = searchWords(search).length;
  if (words <= MAX_SEARCH_WORDS) return null;
  return `q has ${words} words, at most ${MAX_SEARCH_WORDS} are allowed: search for fewer, or put those that stand together between quotes.`;
}
