/** A byte buffer that grows up to a maximum length. What is appended or skipped beyond it sets `overflowed`; nothing more is stored. */
export class GrowingBytes {
  readonly #maxLength: number;
  #bytes = new Uint8Array(4096);
  #skipped = 0;
  length = 0;
  overflowed = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  append(more: Uint8Array): void {
    const length = this.length + more.length;
    this.overflowed ||= length + this.#skipped > this.#maxLength;
    if (this.overflowed) return;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.length);
    this.length = length;
  }

  /** Counts bytes that are not stored. Returns whether they exceed the maximum length. */
  skip(count: number): boolean {
    this.#skipped += count;
    this.overflowed ||= this.length + this.#skipped > this.#maxLength;
    return this.overflowed;
  }

  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.length);
  }
}
