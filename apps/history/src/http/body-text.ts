import { invalidRequest } from '../domain/api-error.ts';

/** Charsets of which every byte below 128 is that of ASCII and of UTF-8 is accepted by what the bytes are, not by the name. */
const UTF8_NAME = /^(?:utf-?8|us-ascii|ascii)$/i;

/**
 * Decodes a text that has to be UTF-8. Throws an ApiError for any other: its characters would be replaced, and an image of a garbled prompt
 * would be paid for. `charset` is the one that the client states, null for none: text in another one must be pure ASCII.
 */
export function decodeUtf8(bytes: Uint8Array, charset: string | null): string {
  const isUtf16 = bytes.includes(0);
  const isStated = charset === null || UTF8_NAME.test(charset);
  if (isUtf16 || (!isStated && bytes.some((byte) => byte > 0x7f))) throw notUtf8(charset);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(charset);
  }
}

/** The charset of a content type; null if it states none. */
export function charsetOf(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? null;
}

function notUtf8(charset: string | null): Error {
  const stated = charset === null || UTF8_NAME.test(charset) ? '' : ` (its charset is ${charset.slice(0, 40)})`;
  return invalidRequest(
    `The body is not UTF-8${stated}, so its characters cannot be read. Encode the whole body as UTF-8, the only encoding that is accepted.`,
    null,
  );
}
