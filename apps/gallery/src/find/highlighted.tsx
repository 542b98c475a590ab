import type { SearchMatch } from '@wan-image/core';
import { Fragment, type ReactNode } from 'react';

export type Ranges = SearchMatch['ranges'];

export interface HighlightedProps {
  readonly text: string;
  /** In UTF-16 code units, as a record with `matches` has them. */
  readonly ranges: Ranges;
}

/** A text whose matches are marked. */
export function Highlighted({ text, ranges }: HighlightedProps): ReactNode {
  return partsOf(text, ranges).map(({ start, part, isMatch }) =>
    isMatch ? <mark key={start}>{part}</mark> : <Fragment key={start}>{part}</Fragment>,
  );
}

interface Part {
  readonly start: number;
  readonly part: string;
  readonly isMatch: boolean;
}

/** The text in parts. A range that is none, for example because the text was changed since, marks nothing and loses nothing. */
export function partsOf(text: string, ranges: Ranges): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  const push = (end: number, isMatch: boolean): void => {
    if (end > at) parts.push({ start: at, part: text.slice(at, end), isMatch });
    at = Math.max(at, end);
  };
  for (const [start, end] of ranges) {
    if (start < at || end <= start || end > text.length) continue;
    push(start, false);
    push(end, true);
  }
  push(text.length, false);
  return parts;
}

/** The ranges of one text of a record; none if it has no match. */
export function rangesOf(
  matches: readonly SearchMatch[] | undefined,
  field: SearchMatch['field'],
  index: number | null = null,
): Ranges {
  return matches?.find((match) => match.field === field && match.index === index)?.ranges ?? [];
}

/** Characters before the first match of an excerpt. */
const LEAD = 60;

/** A part of a long text that begins shortly before its first match, with the ranges moved along. */
export function excerptOf(text: string, ranges: Ranges, length: number): HighlightedProps {
  const [[first] = [0]] = ranges;
  const start = text.length <= length || first <= length - LEAD ? 0 : wholeCharacter(text, first - LEAD);
  const end = wholeCharacter(text, Math.min(text.length, start + length));
  const lead = start > 0 ? '… ' : '';
  const shift = lead.length - start;
  return {
    text: `${lead}${text.slice(start, end)}${end < text.length ? ' …' : ''}`,
    ranges: ranges.filter(([, to]) => to <= end).map(([from, to]) => [from + shift, to + shift]),
  };
}

/** Never between the halves of a surrogate pair. */
function wholeCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
