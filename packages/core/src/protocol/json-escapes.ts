const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Stands for an invalid escape. */
export const NO_CHARACTER = -1;

/** Stands for every character beyond ASCII: none of them is in the base64 alphabet. */
const NOT_ASCII = 0xff;

/** The characters that escapes of one letter stand for, by the code of the letter. */
const ESCAPES = new Int16Array(256).fill(NO_CHARACTER);
for (let i = 0; i < 8; i++) ESCAPES['"\\/bfnrt'.charCodeAt(i)] = '"\\/\b\f\n\r\t'.charCodeAt(i);

/** The values of hexadecimal digits, by their codes. */
const DIGITS = new Int16Array(256).fill(NO_CHARACTER);
for (let i = 0; i < 16; i++) {
  DIGITS['0123456789abcdef'.charCodeAt(i)] = i;
  DIGITS['0123456789ABCDEF'.charCodeAt(i)] = i;
}

/** How far an escape has been read: not begun, its backslash, its `u`, and then a digit each. */
const OUTSIDE = 0;
const AFTER_BACKSLASH = 1;
const AFTER_LETTER_U = 2;
const BEFORE_LAST_DIGIT = AFTER_LETTER_U + 3;

/**
 * Resolves the escapes of a JSON string, one character at a time, so chunks may be cut anywhere. In numbers alone: a text of 28 MB may be
 * nothing but escapes.
 */
export class JsonEscapes {
  #stage = OUTSIDE;
  #value = 0;

  /** Whether the next character belongs to an escape. */
  get isOpen(): boolean {
    return this.#stage !== OUTSIDE;
  }

  reset(): void {
    this.#stage = OUTSIDE;
  }

  /** The resolved character; null in the middle of an escape; {@link NO_CHARACTER} for an invalid one. */
  read(code: number): number | null {
    if (this.#stage === OUTSIDE) {
      if (code !== BACKSLASH) return code;
      this.#stage = AFTER_BACKSLASH;
      return null;
    }
    if (this.#stage === AFTER_BACKSLASH) {
      this.#stage = code === LETTER_U ? AFTER_LETTER_U : OUTSIDE;
      this.#value = 0;
      return code === LETTER_U ? null : (ESCAPES[code] ?? NO_CHARACTER);
    }
    const digit = DIGITS[code] ?? NO_CHARACTER;
    this.#value = digit < 0 || this.#value < 0 ? NO_CHARACTER : this.#value * 16 + digit;
    if (this.#stage < BEFORE_LAST_DIGIT) {
      this.#stage++;
      return null;
    }
    this.#stage = OUTSIDE;
    return Math.min(this.#value, NOT_ASCII);
  }
}
