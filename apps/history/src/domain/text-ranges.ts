import { normalForm } from '@wan-image/core';

/** Start (inclusive) and end (exclusive), in UTF-16 code units. */
export type TextRange = [start: number, end: number];

const SEGMENTER = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The beginnings of the characters of a text, and of the same characters in its normal form. Both end with the length of the text. */
interface Offsets {
  readonly original: readonly number[];
  readonly normal: readonly number[];
}

/**
 * Where words stand in a text: the words in their normal form, the ranges in the text as it is. Ascending, and those that touch or overlap
 * are one. A range covers whole characters, also those that only a part of a word stands in, such as the 株 of ㈱.
 */
export function rangesOf(text: string, words: readonly string[]): TextRange[] {
  const normal = normalForm(text);
  const found = words.flatMap((word) => occurrences(normal, word));
  if (found.length === 0) return [];
  if (isAligned(text, normal)) return merged(wholeCharacters(text, found).toSorted(([one], [other]) => one - other));
  const offsets = offsetsOf(text, normal);
  const ranges = found.map(([start, end]): TextRange => [
    offsets.original[lastAtMost(offsets.normal, start)] ?? 0,
    offsets.original[firstAtLeast(offsets.normal, end)] ?? text.length,
  ]);
  return merged(ranges.toSorted(([one], [other]) => one - other));
}

function occurrences(text: string, word: string): TextRange[] {
  const found: TextRange[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) found.push([at, at + word.length]);
  return found;
}

/** Whether both forms have the same units at the same places, but for their case: so it is with most texts. */
function isAligned(text: string, normal: string): boolean {
  // Lower case is never shorter, so equal lengths mean that no character became longer.
  return text === normal || (text.length === normal.length && text.toLowerCase() === normal);
}

/** The ranges, extended to the whole of the characters at their ends. */
function wholeCharacters(text: string, ranges: readonly TextRange[]): TextRange[] {
  const segments = SEGMENTER.segment(text);
  return ranges.map(([start, end]) => {
    const last = segments.containing(end - 1);
    return [segments.containing(start)?.index ?? start, last === undefined ? end : last.index + last.segment.length];
  });
}

function offsetsOf(text: string, normal: string): Offsets {
  const segments = Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
  const offsets = offsetsOfSegments(segments);
  if (offsets.normal.at(-1) === normal.length) return offsets;
  // Characters that change with their neighbors, which no segmentation knows of: each of them and its neighbor count as one.
  const joined = offsetsOfSegments(joinedSegments(segments));
  return joined.normal.at(-1) === normal.length ? joined : offsetsOfSegments([text]);
}

function offsetsOfSegments(segments: readonly string[]): Offsets {
  const [original, normal] = [[0], [0]];
  for (const segment of segments) {
    original.push((original.at(-1) ?? 0) + segment.length);
    normal.push((normal.at(-1) ?? 0) + normalForm(segment).length);
  }
  return { original, normal };
}

function joinedSegments(segments: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const segment of segments) {
    const before = joined.at(-1) ?? '';
    if (normalForm(before + segment).length === normalForm(before).length + normalForm(segment).length)
      joined.push(segment);
    else joined[joined.length - 1] = before + segment;
  }
  return joined;
}

/** The index of the last of ascending numbers that is at most `most`. */
function lastAtMost(ascending: readonly number[], most: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((ascending[middle] ?? 0) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

function firstAtLeast(ascending: readonly number[], least: number): number {
  const before = lastAtMost(ascending, least - 1);
  return (ascending[before] ?? 0) >= least ? before : before + 1;
}

function merged(ranges: readonly TextRange[]): TextRange[] {
  const result: TextRange[] = [];
  for (const [start, end] of ranges) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
