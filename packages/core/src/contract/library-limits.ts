/** Maximum number of tags of a generation. */
export const MAX_TAGS = 32;

/** Maximum length of a tag, in Unicode code points. */
export const MAX_TAG_CHARACTERS = 64;

/** Maximum length of a note, in Unicode code points. */
export const MAX_NOTE_CHARACTERS = 10_000;

/** A tag in the form that is kept, and found by: composed (NFC), without white space at its ends. */
export function tagForm(text: string): string {
  return text.normalize('NFC').trim();
}
