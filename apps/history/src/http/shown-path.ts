import { redactText } from '@wan-image/core';

/** How much of a path is logged and quoted, in characters. */
const MAX_LENGTH = 200;

/** No client encodes a path more often. */
const MAX_ENCODINGS = 3;

/** The path of a request for logs and messages: without its query, without API keys that were put there by mistake, and not too long. */
export function shownPath(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  const redacted = redactedPath(path);
  return redacted.length > MAX_LENGTH ? `${redacted.slice(0, MAX_LENGTH)}…` : redacted;
}

/** The path as it was sent, unless only decoding shows what is secret in it. */
function redactedPath(path: string): string {
  let text = path;
  for (let times = 0; times < MAX_ENCODINGS; times++) {
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) break;
    text = decoded;
  }
  const redacted = redactText(text);
  return redacted === text ? redactText(path) : redacted;
}
