/** Longest text that is kept whole by default, in characters. */
const LONGEST_TEXT = 20_000;

/** A shorter secret would be found in words that only look like it. */
const SHORTEST_SECRET = 6;

/**
 * A text without what must never be printed: the content of data URIs, long base64, credentials, signed queries,
 * and the `secrets` that are known by their value. A vendor may quote any of them back in a message.
 * A text longer than `longest` is cut, and says so.
 */
export function redactText(
  text: string,
  { longest = LONGEST_TEXT, secrets = [] }: { readonly longest?: number; readonly secrets?: readonly string[] } = {},
): string {
  // Before anything is cut, which could leave half a secret.
  const hidden = hideSecrets(text, secrets);
  const searched = hidden.length > longest ? `${hidden.slice(0, longest)}… (${text.length} characters)` : hidden;
  return (
    searched
      // Slashes may stand escaped, as JSON allows.
      .replace(/data:[\w.+-]+\\?\/[\w.+-]+(;[\w=.+-]+)*,(?:\\\/|[^"'\s\\)])*/gi, 'data:[redacted]')
      .replace(/\b(bearer\s+)[^\s"'\\,;]+/gi, '$1[redacted]')
      .replace(/\bsk-[^\s"'\\,;:)<>]{6,}/g, 'sk-[redacted]')
      .replace(/(https?:(?:\\?\/){2})[^\s"'/\\@]+@/gi, '$1[redacted]@')
      .replace(/(https?:(?:\\?\/){2}[^\s"'?]*\?)(?:\\\/|[^\s"'\\])*/gi, '$1[redacted]')
      // Of a path alone, as a server logs it.
      .replace(/([?&](?:[\w-]+-)?signature=)[^\s"'\\&#]*/gi, '$1[redacted]')
      .replace(/[A-Za-z0-9+/]{200,}={0,2}/g, '[redacted]')
  );
}

/** A text without the secrets that are known by their value. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return known.reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}
