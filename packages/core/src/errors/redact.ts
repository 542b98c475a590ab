const REDACTED = '[redacted]';

/** Default maximum length of a redacted text, in characters. */
const DEFAULT_MAX_LENGTH = 20_000;

/** A shorter secret is redacted only where it is a word of its own, because it could be part of ordinary words. */
const MIN_SECRET_LENGTH = 6;
const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/**
 * Removes everything that must never be logged: the content of data URIs, long base64, credentials, signed queries, and the values
 * of `secrets`. A vendor may quote any of them in a message. A text of more than `maxLength` characters is truncated, with a note.
 */
export function redactText(
  text: string,
  {
    maxLength = DEFAULT_MAX_LENGTH,
    secrets = [],
  }: { readonly maxLength?: number; readonly secrets?: readonly string[] } = {},
): string {
  // Before the text is truncated, which could leave half a secret.
  const hidden = hideSecrets(text, secrets);
  const searched = hidden.length > maxLength ? `${hidden.slice(0, maxLength)}… (${text.length} characters)` : hidden;
  return (
    searched
      // JSON allows escaped slashes.
      .replace(/data:[\w.+-]+\\?\/[\w.+-]+(?:;[\w=.+-]+)*,(?:\\\/|[^"'\s\\)])*/gi, 'data:[redacted]')
      // Also as part of a URL, by mistake.
      .replace(/\b(bearer(?:\s|\+|%(?:25){0,3}20)+)[^\s"'\\,;]+/gi, '$1[redacted]')
      .replace(/\bsk-[^\s"'\\,;:)<>]{6,}/g, 'sk-[redacted]')
      // An API key of the history service.
      .replace(/wan(?:_|%(?:25){0,3}5f)(?:[\w-]|%(?:25){0,3}[25][df]){40,}/gi, 'wan_[redacted]')
      // The whole URL at once, so that no part of it is searched again: a text may be nothing but `http://http://…`.
      .replace(/https?:(?:\\?\/){2}(?:\\\/|\\u00[0-9a-f]{2}|[^\s"'\\])*/gi, redactedUrl)
      // A path without its host, as servers log it.
      .replace(/([?&](?:[\w-]+-)?signature=)[^\s"'\\&#]*/gi, '$1[redacted]')
      // Not in the middle of a run: each of its characters would be a start.
      .replace(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{200,}={0,2}/g, '[redacted]')
  );
}

/** The URL without its user and its query. */
function redactedUrl(url: string): string {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  const hidden = path.replace(/(https?:(?:\\?\/){2})[^/\\@]+@/gi, '$1[redacted]@');
  return query === -1 ? hidden : `${hidden}?[redacted]`;
}

/** Removes the values of `secrets` from a text. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (hidden, secret) =>
      secret.length >= MIN_SECRET_LENGTH ? hidden.replaceAll(secret, REDACTED) : hideWord(hidden, secret),
    text,
  );
}

function hideWord(text: string, word: string): string {
  if (word === '' || !text.includes(word)) return text;
  const parts = text.split(word);
  return parts.reduce((before, after) => {
    const isPartOfWord = WORD_CHARACTER.test(before.slice(-1)) || WORD_CHARACTER.test(after.slice(0, 1));
    return before + (isPartOfWord ? word : REDACTED) + after;
  });
}
