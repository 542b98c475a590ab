import { createHash } from 'node:crypto';

/** What stands for an object that is not hashed by its properties; null for all others. */
type Describe = (value: object) => string | null;

/** SHA-256 of a JSON value, as hex. The order of the properties of an object does not count, and an undefined one counts. */
export function canonicalHash(value: unknown, describe: Describe = () => null): string {
  const hash = createHash('sha256');
  // As UTF-16: UTF-8 encodes every lone surrogate as the same replacement character.
  feed(value, describe, (part) => void hash.update(part, 'utf16le'));
  return hash.digest('hex');
}

function feed(value: unknown, describe: Describe, write: (part: string) => void): void {
  if (typeof value === 'string') {
    // Length-prefixed, so that two consecutive strings cannot collide with two others.
    write(`s${value.length}:`);
    write(value);
  } else if (typeof value === 'object' && value !== null) feedObject(value, describe, write);
  else write(`v${String(value)};`);
}

function feedObject(value: object, describe: Describe, write: (part: string) => void): void {
  const description = describe(value);
  if (description !== null) write(description);
  else if (Array.isArray(value)) {
    write(`a${value.length}:`);
    for (const inner of value) feed(inner, describe, write);
  } else {
    const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
    write(`o${entries.length}:`);
    for (const [key, inner] of entries) {
      feed(key, describe, write);
      feed(inner, describe, write);
    }
  }
}
