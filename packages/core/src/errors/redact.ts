/** Longest text that is kept whole by default, in characters. */
const LONGEST_TEXT = 20_000;

/**
 * A text without what must never be printed: the content of data URIs, credentials, signed queries.
 * A vendor may quote any of them back in a message. A text longer than `longest` is cut, and says so.
 */
export function redactText(text: string, longest: number = LONGEST_TEXT): string {
  const searched = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  return searched
    .replace(/data:[\w.+-]+\/[\w.+-]+(;[\w=.+-]+)*,[^"'\s\\)]*/gi, 'data:[redacted]')
    .replace(/\b(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]')
    .replace(/\bsk-[\w-]{6,}/g, 'sk-[redacted]')
    .replace(/(https?:\/\/[^\s"'?\\]*\?)[^\s"'\\]*/gi, '$1[redacted]');
}
