/** Longest text that is searched whole; of a longer one only the beginning is kept. */
const LONGEST_TEXT = 20_000;

/**
 * A text without what must never be printed: the content of data URIs, credentials, signed queries.
 * A vendor may quote any of them back in a message.
 */
export function redactText(text: string): string {
  const searched = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text;
  return searched
    .replace(/data:[\w.+-]+\/[\w.+-]+(;[\w=.+-]+)*,[^"'\s\\)]*/gi, 'data:[redacted]')
    .replace(/\b(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]')
    .replace(/\bsk-[\w-]{6,}/g, 'sk-[redacted]')
    .replace(/(https?:\/\/[^\s"'?\\]*\?)[^\s"'\\]*/gi, '$1[redacted]');
}
