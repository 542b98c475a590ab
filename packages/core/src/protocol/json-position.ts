/**
 * A place in a JSON text: for each open container, from the outermost, the current key of an object or null for a list.
 * `["data", null, "url"]` is the value of `url` in an object in the list `data`.
 */
export type JsonPath = readonly (string | null)[];

export function isPath(path: JsonPath, expected: JsonPath): boolean {
  return path.length === expected.length && path.every((segment, depth) => segment === expected[depth]);
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const STRUCTURE: ReadonlySet<number> = new Set([COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]);

/** Whether a character outside of strings changes the position. */
export function isStructure(code: number): boolean {
  return STRUCTURE.has(code);
}

/** Follows the structure of a JSON text. It does not check that the text is well-formed: `JSON.parse` does, later. */
export class JsonPosition {
  readonly path: (string | null)[] = [];
  /** Whether the next string is a key. */
  awaitsKey = false;

  step(code: number): void {
    this.awaitsKey = code === OPEN_OBJECT || (code === COMMA && typeof this.path.at(-1) === 'string');
    if (code === OPEN_OBJECT) this.path.push('');
    else if (code === OPEN_LIST) this.path.push(null);
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.path.pop();
  }

  set key(key: string) {
    if (this.path.length > 0) this.path[this.path.length - 1] = key;
  }
}
