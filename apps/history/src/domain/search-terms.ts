import { projectTerm } from './project-term.ts';

/**
 * The terms by which a text is found. Texts are in their normal form, whose letters are lower case where they have one: no term of a text
 * begins with an upper-case ASCII letter, so that those are free for {@link projectTerm} and {@link EVERYTHING}.
 *
 * Scripts without spaces are split into bigrams, others into trigrams, each with the shorter ends of its runs: any part of a run is then a
 * term, a conjunction of terms, or the beginning of a term. Punctuation and white space are no terms; the text itself is compared later.
 */

/** The term of texts that are too long to have terms of their own: every search compares them. */
export const EVERYTHING = 'A';

const IDEOGRAPHS = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{S}`;
const RUNS = new RegExp(String.raw`([${IDEOGRAPHS}]+)|[[\p{L}\p{N}\p{M}]--[${IDEOGRAPHS}]]+`, 'gv');

/** Length of the terms of a run in code points. */
const IDEOGRAPH_LENGTH = 2;
const LETTER_LENGTH = 3;

interface Run {
  readonly characters: readonly string[];
  readonly length: number;
}

function* runsOf(text: string): Iterable<Run> {
  for (const [run, ideographs] of text.matchAll(RUNS))
    yield { characters: Array.from(run), length: ideographs === undefined ? LETTER_LENGTH : IDEOGRAPH_LENGTH };
}

/** The terms of a text in its normal form, some of them several times. */
export function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  for (const { characters, length } of runsOf(text)) {
    // Shorter at the end of the run.
    for (let start = 0; start < characters.length; start++)
      terms.push(characters.slice(start, start + length).join(''));
  }
  return terms;
}

/** A `tsvector` of terms, as text. */
export function vectorOf(terms: readonly string[]): string {
  return terms.map(quoted).join(' ');
}

/** A `tsquery` for texts of a project, or of all, that may contain all words; the words are in their normal form. */
export function queryOf(words: readonly string[], projectId: string | null): string {
  const runs = words.flatMap((word) => [...runsOf(word)]);
  const whole = new Set(runs.flatMap(wholeTermsOf));
  // To collect all terms that begin with a letter takes long, and the text is compared anyway: only where there is nothing better.
  const terms = whole.size > 0 ? whole : new Set(runs.map(({ characters }) => `${quoted(characters.join(''))}:*`));
  const found = [...(projectId === null ? [] : [quoted(projectTerm(projectId))]), ...terms].join(' & ');
  return `(${found}) | ${EVERYTHING}`;
}

/** The terms of full length within a run; none if it is shorter. */
function wholeTermsOf({ characters, length }: Run): readonly string[] {
  const count = Math.max(0, characters.length - length + 1);
  return Array.from({ length: count }, (_, start) => quoted(characters.slice(start, start + length).join('')));
}

function quoted(term: string): string {
  return `'${term.replaceAll(/['\\]/g, '$&$&')}'`;
}
