const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** The characters that escapes of one letter stand for. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Array.from('"\\/bfnrt', (letter, i) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(i)]),
);

/** Stands for an invalid escape. */
export const NO_CHARACTER = -1;

/** Stands for every character beyond ASCII: none of them is in the base64 alphabet. */
const NOT_ASCII = 0xff;

/** Resolves the escapes of a JSON string, one character at a time, so chunks may be cut anywhere. */
export class JsonEscapes {
  /** The characters of the open escape after its backslash; null outside of an escape. */
  #open: string | null = null;

  /** Whether the next character belongs to an escape. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  reset(): void {
    this.#open = null;
  }

  /** The resolved character; null in the middle of an escape; {@link NO_CHARACTER} for an invalid one. */
  read(code: number): number | null {
    if (this.#open === null) {
      if (code !== BACKSLASH) return code;
      this.#open = '';
      return null;
    }
    if (this.#open === '' && code !== LETTER_U) {
      this.#open = null;
      return ESCAPES.get(code) ?? NO_CHARACTER;
    }
    this.#open += String.fromCharCode(code);
    if (this.#open.length < 5) return null;
    const digits = this.#open.slice(1);
    this.#open = null;
    if (!/^[0-9a-f]{4}$/i.test(digits)) return NO_CHARACTER;
    return Math.min(Number.parseInt(digits, 16), NOT_ASCII);
  }
}
