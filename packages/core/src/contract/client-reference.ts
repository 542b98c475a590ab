import { describeValue } from './describe-value.ts';
import type { Problem } from './problem.ts';

/** Maximum length of `user`, in Unicode code points. */
export const MAX_USER_CHARACTERS = 512;

/** Maximum number of pairs in `metadata`: that of OpenAI's API, like the lengths below. */
export const MAX_METADATA_PAIRS = 16;
/** Maximum length of a key of `metadata`, in Unicode code points. */
export const MAX_METADATA_KEY_CHARACTERS = 64;
/** Maximum length of a value of `metadata`, in Unicode code points. */
export const MAX_METADATA_VALUE_CHARACTERS = 512;

/** A client's own reference, by which it finds its generations again. It is kept in the record, and never sent upstream. */
export interface ClientReference {
  /** 1 to 512 characters; null without one. */
  readonly user: string | null;
  /** 1 to 16 pairs of strings: a key of 1 to 64, a value of at most 512 characters; null without one. */
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** The problems of `user` and `metadata` as they were sent. An empty text or object counts as absent. */
export function referenceProblems(user: unknown, metadata: unknown): readonly Problem[] {
  const wrongUser = userProblem(user);
  return [...(wrongUser === null ? [] : [{ param: 'user', message: wrongUser }]), ...metadataProblems(metadata)];
}

/** The reference of values that have no problems. */
export function referenceOf(user: unknown, metadata: unknown): ClientReference {
  const isGiven = typeof metadata === 'object' && metadata !== null && Object.keys(metadata).length > 0;
  return {
    user: typeof user === 'string' && user !== '' ? user : null,
    metadata: isGiven ? (metadata as Record<string, string>) : null,
  };
}

/** Characters that no database keeps, so that nothing could be found by them. In this mode halves of whole pairs do not match. */
export const NO_TEXT = /\0|\p{Surrogate}/u;

const NO_TEXT_PROBLEM = 'contains a NUL character or half of a surrogate pair: send plain text.';

function userProblem(user: unknown): string | null {
  const rule = `user must be a string of at most ${MAX_USER_CHARACTERS} characters`;
  if (user === undefined || user === null) return null;
  if (typeof user !== 'string') return `${rule}, got ${describeValue(user)}: send it as a string, or omit it.`;
  if (NO_TEXT.test(user)) return `user ${NO_TEXT_PROBLEM}`;
  if (!isLonger(user, MAX_USER_CHARACTERS)) return null;
  return `${rule}, got more: shorten it, or send a hash of it.`;
}

function metadataProblems(metadata: unknown): readonly Problem[] {
  if (metadata === undefined || metadata === null) return [];
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    const message = `metadata must be an object of strings such as {"order": "4711"}, got ${describeValue(metadata)}.`;
    return [{ param: 'metadata', message }];
  }
  const pairs = Object.entries(metadata as Readonly<Record<string, unknown>>);
  if (pairs.length > MAX_METADATA_PAIRS) {
    const message = `metadata has ${pairs.length} pairs, at most ${MAX_METADATA_PAIRS} are allowed: send fewer.`;
    return [{ param: 'metadata', message }];
  }
  return pairs.flatMap(([key, value]) => pairProblem(key, value) ?? []);
}

function pairProblem(key: string, value: unknown): Problem | null {
  if (key === '' || isLonger(key, MAX_METADATA_KEY_CHARACTERS)) {
    const message = `A key of metadata must have 1 to ${MAX_METADATA_KEY_CHARACTERS} characters, got ${describeValue(key)}: shorten it.`;
    return { param: 'metadata', message };
  }
  const param = `metadata.${key}`;
  if (typeof value !== 'string') {
    const message = `metadata.${key} must be a string, got ${describeValue(value)}: write the value as a string.`;
    return { param, message };
  }
  if (NO_TEXT.test(key) || NO_TEXT.test(value)) return { param: 'metadata', message: `metadata ${NO_TEXT_PROBLEM}` };
  if (!isLonger(value, MAX_METADATA_VALUE_CHARACTERS)) return null;
  const message = `metadata.${key} has more than ${MAX_METADATA_VALUE_CHARACTERS} characters: shorten the value.`;
  return { param, message };
}

/** Whether a text has more Unicode code points than `most`. */
function isLonger(text: string, most: number): boolean {
  // A code point has one or two UTF-16 units, so most texts need no count.
  return text.length > most && (text.length > 2 * most || Array.from(text).length > most);
}
