const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** What the escapes of one letter stand for. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Array.from('"\\/bfnrt', (letter, i) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(i)]),
);

/** Stands for an escape that JSON has not. */
export const NO_CHARACTER = -1;

/** Beyond ASCII: it is in no alphabet, whatever it is. */
const NOT_ASCII = 0xff;

/** Reads the escapes of a JSON string, character by character, wherever the chunks are cut. */
export class JsonEscapes {
  /** What has been read of the escape that is open. */
  #open: string | null = null;

  /** Whether what comes next belongs to an escape. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  reset(): void {
    this.#open = null;
  }

  /** The character that is meant; null where it takes more of an escape to tell; or {@link NO_CHARACTER}. */
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
