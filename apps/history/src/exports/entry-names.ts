import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { extensionOf, wordsOf } from '../domain/file-words.ts';

/** Of an id, whose beginning is the time: enough that two in one archive are hardly ever equal. */
const SHORT_ID = 8;

/** Gives each image of an archive a path of its own, which a person can read and every file system accepts. */
export class EntryNames {
  readonly #used = new Set<string>();

  /** Such as `images/2026-11-28_a-cat-on-a-windowsill_4ad09da7-0.png`. */
  next({ id, created_at, prompt }: GenerationRecord, image: ImageRecord): string {
    const begin = [created_at.slice(0, 10), wordsOf(prompt)].filter(Boolean).join('_');
    const end = `${image.index}.${extensionOf(image.mime_type ?? '')}`;
    const short = `images/${begin}_${id.slice(-SHORT_ID)}-${end}`;
    // Without the words: with them, a name could be longer than file systems allow.
    const name = this.#used.has(short) ? `images/${created_at.slice(0, 10)}_${id}-${end}` : short;
    this.#used.add(name);
    return name;
  }
}
