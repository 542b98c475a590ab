/** In characters: long enough for a sentence, and short enough that no client's limit on headers is reached. */
const MAX_TEXT_LENGTH = 240;

/** Clients limit all headers of a response together, Node to 16 KiB. */
const MAX_WARNINGS = 20;

/**
 * The `warning` header of a response (RFC 7234, section 5.5): one value for each text, `299 - "text"`. Texts may contain names that a
 * client chose: every character outside of printable ASCII becomes its JSON escape. After {@link MAX_WARNINGS} texts it says how many more
 * there are. Empty if there are no texts.
 */
export function warningHeader(texts: readonly string[]): Readonly<Record<string, string[]>> {
  if (texts.length === 0) return {};
  const more = texts.length - MAX_WARNINGS;
  const shown = more > 0 ? [...texts.slice(0, MAX_WARNINGS), `${more} more warnings`] : texts;
  return { warning: shown.map((text) => `299 - "${quotable(text)}"`) };
}

function quotable(text: string): string {
  const ascii = text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const short = ascii.length > MAX_TEXT_LENGTH ? `${ascii.slice(0, MAX_TEXT_LENGTH)}...` : ascii;
  // A quoted-string of HTTP: a backslash before each quote and backslash.
  return short.replace(/["\\]/g, '\\$&');
}
