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
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  // Before the cut, which could leave half a secret at the end.
  const withoutSecrets = known.reduce((redacted, secret) => redacted.replaceAll(secret, '[redacted]'), text);
  const searched =
    withoutSecrets.length > longest
      ? `${withoutSecrets.slice(0, longest)}… (${text.length} characters)`
      : withoutSecrets;
  return searched
    .replace(/data:[\w.+-]+\/[\w.+-]+(;[\w=.+-]+)*,[^"'\s\\)]*/gi, 'data:[redacted]')
    .replace(/\b(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]')
    .replace(/\bsk-[\w-]{6,}/g, 'sk-[redacted]')
    .replace(/(https?:\/\/[^\s"'?\\]*\?)[^\s"'\\]*/gi, '$1[redacted]')
    .replace(/[A-Za-z0-9+/]{200,}={0,2}/g, '[redacted]');
}
