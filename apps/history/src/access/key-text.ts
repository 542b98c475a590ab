import { createHash, createHmac, randomBytes } from 'node:crypto';

const KEY = /^wan_[\w-]{43}$/;

/** How much of a key people may see: enough to tell keys apart, while 220 bits stay secret. */
const VISIBLE = 10;

/** A new key: 256 random bits. */
export function newKey(): { readonly key: string; readonly prefix: string; readonly hash: string } {
  const key = `wan_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, VISIBLE), hash: hashOf(key) };
}

/** Whether a text has the form of a key. Any other text is not looked up. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** What proves that a session was begun with the admin key: only who has the id of the session can check a guess. */
export function adminProofOf(session: string, adminHash: string): string {
  return createHmac('sha256', session).update(adminHash).digest('hex');
}

/** One round of SHA-256 is enough: a key is random, so it cannot be guessed. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
