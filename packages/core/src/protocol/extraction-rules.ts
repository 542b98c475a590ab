import type { ImageTextReader } from './image-text.ts';
import type { JsonPath } from './json-position.ts';

/** Which strings of a JSON text are images, and how they are read. */
export interface ExtractionRules {
  /** Whether a string at this path is the text of an image. */
  isImage(path: JsonPath): boolean;
  /** Whether an object at this path is reported when it is complete. */
  isEntry(path: JsonPath): boolean;
  /** The longest path that `isImage` accepts: keys that are nested deeper are not read. */
  readonly maxDepth: number;
  /** The JSON that replaces the image with this index, in ASCII. */
  placeholder(index: number): string;
  /** Decides from the beginning of a string at this path whether it is an image. Null if every string there is one. */
  createHeaderReader(path: JsonPath): ImageTextHeaderReader | null;
  /** Creates the reader of the text after the header. */
  createReader(header: string, emit: (bytes: Uint8Array) => void): ImageTextReader;
  /** Whether white space between base64 characters is ignored. */
  readonly skipsWhiteSpace: boolean;
}

/** Reads the beginning of a string, as written in the JSON, after its opening quote. */
export interface ImageTextHeaderReader {
  /** Reads from `from` on and returns the index at which the header ends. A closing quote is not consumed. */
  push(chunk: Uint8Array, from: number): number;
  /** Null until it is known whether an image follows. */
  readonly result: ImageTextHeader | null;
}

export interface ImageTextHeader {
  readonly isImage: boolean;
  /** The header without JSON escapes, such as `data:image/png;base64,`. */
  readonly text: string;
  /** The header as written in the JSON. */
  readonly raw: Uint8Array;
}
