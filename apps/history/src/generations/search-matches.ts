import type { GenerationRecord, SearchMatch } from '@wan-image/core';
import { rangesOf } from '../domain/text-ranges.ts';

/** Where the words of a search, in their normal form, stand in a record: in the order of prompt, revised prompts, note, tags. */
export function matchesOf(record: GenerationRecord, words: readonly string[]): SearchMatch[] {
  const texts: { field: SearchMatch['field']; index: number | null; text: string | null }[] = [
    { field: 'prompt', index: null, text: record.prompt },
    ...record.images.map(({ index, revised_prompt: text }) => ({ field: 'revised_prompt' as const, index, text })),
    { field: 'note', index: null, text: record.note },
    ...record.tags.map((text, index) => ({ field: 'tag' as const, index, text })),
  ];
  return texts.flatMap(({ field, index, text }) => {
    const ranges = text === null ? [] : rangesOf(text, words);
    return ranges.length === 0 ? [] : [{ field, index, ranges }];
  });
}
