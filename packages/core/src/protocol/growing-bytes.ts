/** A byte buffer that grows up to a maximum length. An append beyond it sets `overflowed`, and nothing more is stored. */
export class GrowingBytes {
  readonly #maxLength: number;
  #bytes = new Uint8Array(4096);
  length = 0;
  overflowed = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  append(more: Uint8Array): void {
    const length = this.length + more.length;
    this.overflowed ||= length > this.#maxLength;
    if (this.overflowed) return;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.length);
    this.length = length;
  }

  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.length);
  }
}
