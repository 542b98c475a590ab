import { chunk, CHUNK_OVERHEAD, endChunk, headerChunk, pixelsChunk, SIGNATURE } from '../support/png.ts';
import { randomBytes } from '../support/random-bytes.ts';

/**
 * What all images of a size begin with, but for their number: the signature, the header and a text chunk that holds the number. Divisible
 * by three, so that it becomes base64 without padding.
 */
const HEAD_BYTES = 60;

/**
 * PNGs that differ only in a number in their text chunk. No two are the same, as no two of a real upstream are: a store that keeps equal
 * content once keeps each of these.
 */
export class NumberedImages {
  readonly #width: number;
  readonly #tail: Buffer;
  readonly #base64Tail: Buffer;

  private constructor(width: number, tail: Buffer) {
    this.#width = width;
    this.#tail = tail;
    this.#base64Tail = Buffer.from(tail.toString('base64'), 'latin1');
  }

  /** Of exactly so many bytes, with pixels that nothing can decode. */
  static ofBytes(bytes: number): NumberedImages {
    const end = endChunk();
    const pixels = randomBytes(bytes - HEAD_BYTES - CHUNK_OVERHEAD - end.length);
    return new NumberedImages(1024, Buffer.concat([chunk('IDAT', pixels), end]));
  }

  /** Of so many pixels in width and height, which can be decoded. */
  static ofPixels(width: number): NumberedImages {
    return new NumberedImages(width, Buffer.concat([pixelsChunk(width, width), endChunk()]));
  }

  bytesOf(number: number): Buffer {
    return Buffer.concat([this.#head(number), this.#tail]);
  }

  /** In two chunks, of which the large one is shared by all images and never copied. */
  base64Of(number: number): readonly Buffer[] {
    return [Buffer.from(this.#head(number).toString('base64'), 'latin1'), this.#base64Tail];
  }

  #head(number: number): Buffer {
    const text = Buffer.from(`number\0${String(number).padStart(8, '0')}`, 'latin1');
    return Buffer.concat([SIGNATURE, headerChunk(this.#width, this.#width), chunk('tEXt', text)]);
  }
}
