import { searchWords } from '@wan-image/core';
import { expect, test } from 'vitest';
import { rangesOf } from './text-ranges.ts';

/** What of a text a search marks: the ranges as the pieces of text that they cover. */
function marked(text: string, search: string): readonly string[] {
  return rangesOf(text, searchWords(search)).map(([start, end]) => text.slice(start, end));
}

const FAMILY = '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}';

test.each<[what: string, text: string, search: string, marked: readonly string[]]>([
  ['a part of a character that is several', '㈱花店', '株', ['㈱']],
  ['all of such a character', '㈱花店', '(株)花', ['㈱花']],
  ['the first half of a ligature', '\ufb01ne', 'f', ['\ufb01']],
  ['the second half of a ligature, and more', '\ufb01ne', 'in', ['\ufb01n']],
  ['half-width katakana with its mark', 'ｶﾞｷﾞ', 'ガ', ['ｶﾞ']],
  ['the next one', 'ｶﾞｷﾞ', 'ギ', ['ｷﾞ']],
  ['katakana without the mark that is there', 'ｶﾞｷﾞ', 'カ', []],
  ['full-width letters', 'ＡＢＣ', 'bc', ['ＢＣ']],
  ['a dotted capital I by itself', 'İstanbul', 'İ', ['İ']],
  ['what follows it, though it is longer in lower case', 'İstanbul', 'stan', ['stan']],
  ['what follows two of them', 'İİx', 'x', ['x']],
  ['a final sigma', 'ΣΟΦΟΣ ΣΟΦΟΣ', 'ΟΣ', ['ΟΣ', 'ΟΣ']],
  ['a sigma that ends the search, not the word', 'ΟΣΑ', 'ΟΣ', []],
  ['Hangul written as jamo', '\u1112\u1161\u11ab국', '한', ['\u1112\u1161\u11ab']],
  ['a syllable with another end', '\u1112\u1161\u11ab국', '하', []],
  ['one person of a family', `我的${FAMILY}！`, '\u{1f467}', [FAMILY]],
  ['a flag by one of its letters', '\u{1f1e8}\u{1f1f3}', '\u{1f1e8}', ['\u{1f1e8}\u{1f1f3}']],
  ['a letter with its combining mark', 'cafe\u0301s', 'É', ['e\u0301']],
  ['the letter without it', 'cafe\u0301s', 'cafe', []],
  ['a quote without a partner', 'say "hi', '"hi', ['"hi']],
  ['words between quotes, over white space of another kind', '一\u3000二', '"一 二"', ['一\u3000二']],
  ['a fraction by its number', '½杯', '2', ['½']],
  ['matches that overlap', 'aaab', 'aa', ['aaa']],
  ['matches that touch', '花花', '花', ['花花']],
  ['several words', '红灯笼与雪', '雪 灯笼', ['灯笼', '雪']],
])('marks %s', (_what, text, search, expected) => {
  expect(marked(text, search)).toEqual(expected);
});

test.each([' ', '\t', '\n', '\r', '\u00a0', '\u3000', '\u2003', '\u2028', '\ufeff'])(
  'white space splits words: %j',
  (space) => expect(searchWords(`雪${space}花${space}${space}`)).toEqual(['雪', '花']),
);

test.each(['', '  ', '""', '"', '，。！', '" "', '--- ...', '\u200d'])('no word is in %j', (search) =>
  expect(searchWords(search)).toEqual([]),
);
