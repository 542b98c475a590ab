import type { ExtractionRules, ImageTextHeader, ImageTextHeaderReader } from './extraction-rules.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { ImageText, ImageTextReader } from './image-text.ts';
import { JsonEscapes, NO_CHARACTER } from './json-escapes.ts';
import { CLOSE_OBJECT, COLON, isStructure, JsonPosition, OPEN_OBJECT, QUOTE } from './json-position.ts';
import { parseJson } from './parse-json.ts';

/** What a chunk of a JSON text contains, in order. */
export type ImageEvent =
  /** An image begins. `header` is the text before its base64, if the rules read one. */
  | { readonly type: 'begin'; readonly header: string }
  /** Decoded bytes of an image. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** The base64 of an image has ended; it may have had no bytes. */
  | { readonly type: 'end'; readonly text: ImageText }
  /** An entry is complete: its JSON with a placeholder for its image, and the state of that image (null without one). */
  | { readonly type: 'entry'; readonly json: string; readonly text: ImageText | null };

/** Takes images out of a JSON text while it arrives. */
export interface ImageScanner {
  /** The events of the next chunk of the text, in order. */
  push(chunk: Uint8Array): readonly ImageEvent[];
  /** Whether the JSON without the images exceeds `maxJsonBytes`. Nothing after that is read. */
  readonly overflowed: boolean;
  /** The keys so far, at any depth. */
  readonly keys: number;
  /** The values of lists and objects so far, at any depth. */
  readonly values: number;
  /** The whole JSON, with a placeholder for each image. */
  end(): string;
}

export interface ImageScannerOptions {
  readonly rules: ExtractionRules;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest JSON without the images, in bytes. */
  readonly maxJsonBytes: number;
}

const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** White space that may occur between base64 characters. */
const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, SPACE]);

/**
 * Scans JSON as it arrives and extracts the images in it, decoded, so that their text is never held in memory. Everything else is kept
 * as text and judged by `JSON.parse`: the scanner only has to know where it is, not whether the JSON is well-formed.
 *
 * ```
 *              " of another string
 *  STRUCTURE ───────────────────────▶ STRING ───"──▶ STRUCTURE
 *      │ " of a possible image          ▲
 *      ▼                                │ not an image
 *    HEADER ────────────────────────────┘
 *      │ an image (at once, if the rules read no header)
 *      ▼
 *    IMAGE ───"──▶ STRUCTURE
 * ```
 */
export function createImageScanner(options: ImageScannerOptions): ImageScanner {
  return new Scanner(options);
}

class Scanner implements ImageScanner {
  readonly #rules: ExtractionRules;
  readonly #decodeUtf8: (bytes: Uint8Array) => string;
  readonly #json: GrowingBytes;
  readonly #position = new JsonPosition();
  readonly #escapes = new JsonEscapes();
  #events: ImageEvent[] = [];
  /** Offsets in `#json` at which the open string and the open entry begin. */
  #stringStart = 0;
  #entryStart = 0;
  /** The texts of the images of the open entry, by the last key of their path. */
  readonly #entryTexts = new Map<string | null | undefined, ImageText>();
  /** At most one of these three is set: the state STRING, HEADER or IMAGE. Without one the state is STRUCTURE. */
  #inString = false;
  #header: ImageTextHeaderReader | null = null;
  #image: ImageTextReader | null = null;
  #isEscaped = false;
  #images = 0;
  keys = 0;
  values = 0;

  constructor(options: ImageScannerOptions) {
    this.#rules = options.rules;
    this.#decodeUtf8 = options.decodeUtf8;
    this.#json = new GrowingBytes(options.maxJsonBytes);
  }

  get overflowed(): boolean {
    return this.#json.overflowed;
  }

  push(chunk: Uint8Array): readonly ImageEvent[] {
    this.#events = [];
    let i = 0;
    while (i < chunk.length && !this.overflowed) {
      if (this.#image !== null) i = this.#scanImage(this.#image, chunk, i);
      else if (this.#header !== null) i = this.#scanHeader(this.#header, chunk, i);
      else if (this.#inString) i = this.#scanString(chunk, i);
      else i = this.#scanStructure(chunk, i);
    }
    return this.#events;
  }

  end(): string {
    return this.#textFrom(0);
  }

  #textFrom(start: number): string {
    return this.#decodeUtf8(this.#json.from(start));
  }

  /** Scans up to and including the next character that changes the state or the position. */
  #scanStructure(chunk: Uint8Array, from: number): number {
    let i = from;
    while (i < chunk.length) {
      const code = chunk[i++] ?? 0;
      if (code === QUOTE && this.#isAtImage()) {
        this.#json.append(chunk.subarray(from, i - 1));
        this.#header = this.#rules.createHeaderReader(this.#position.path);
        if (this.#header === null) this.#beginImage('');
        return i;
      }
      if (code === QUOTE || isStructure(code)) {
        this.#json.append(chunk.subarray(from, i));
        if (code === QUOTE) this.#beginString();
        else this.#step(code);
        return i;
      }
    }
    this.#json.append(chunk.subarray(from));
    return i;
  }

  #isAtImage(): boolean {
    return !this.#position.awaitsKey && this.#rules.isImage(this.#position.path);
  }

  #beginString(): void {
    this.#inString = true;
    this.#stringStart = this.#json.length - 1;
  }

  #step(code: number): void {
    const { path } = this.#position;
    if (code !== COLON) this.values++;
    if (code === OPEN_OBJECT && this.#rules.isEntry(path)) {
      this.#entryStart = this.#json.length - 1;
      this.#entryTexts.clear();
    }
    this.#position.step(code);
    if (code === CLOSE_OBJECT && this.#rules.isEntry(path)) {
      this.#events.push({ type: 'entry', json: this.#textFrom(this.#entryStart), text: this.#entryText() });
    }
  }

  #scanString(chunk: Uint8Array, from: number): number {
    let i = from;
    while (i < chunk.length) {
      const code = chunk[i++];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) {
        this.#inString = false;
        break;
      }
    }
    this.#json.append(chunk.subarray(from, i));
    if (!this.#inString && this.#position.awaitsKey) this.#endKey();
    return i;
  }

  #endKey(): void {
    const { path } = this.#position;
    this.keys++;
    if (path.length > this.#rules.maxDepth) return;
    // A key that JSON.parse refuses matches no rule.
    const key = parseJson(this.#textFrom(this.#stringStart));
    this.#position.key = typeof key === 'string' ? key : '';
    // JSON.parse takes the last of two equal keys.
    if (this.#rules.isImage(path)) this.#entryTexts.delete(path.at(-1));
  }

  /** Of several images in an entry, one that is complete counts. */
  #entryText(): ImageText | null {
    const texts = [...this.#entryTexts.values()];
    return texts.find((text) => text === 'complete') ?? texts.find((text) => text !== 'empty') ?? texts[0] ?? null;
  }

  #scanHeader(header: ImageTextHeaderReader, chunk: Uint8Array, from: number): number {
    const end = header.push(chunk, from);
    if (header.result !== null) this.#endHeader(header.result);
    return end;
  }

  #endHeader({ isImage, text, raw }: ImageTextHeader): void {
    this.#header = null;
    if (isImage) return this.#beginImage(text);
    this.#json.append(Uint8Array.of(QUOTE));
    this.#json.append(raw);
    this.#inString = true;
  }

  #beginImage(header: string): void {
    this.#json.append(asciiOf(this.#rules.placeholder(this.#images++)));
    this.#escapes.reset();
    this.#events.push({ type: 'begin', header });
    this.#image = this.#rules.createReader(header, (bytes) => this.#events.push({ type: 'bytes', bytes }));
  }

  #endImage(image: ImageTextReader): void {
    const text = image.end();
    this.#image = null;
    this.#entryTexts.set(this.#position.path.at(-1), text);
    this.#events.push({ type: 'end', text });
  }

  #scanImage(image: ImageTextReader, chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote === -1 ? chunk.length : quote;
    // The reader stops at everything but plain base64: escapes (also that of a quote), white space, invalid characters.
    let i = this.#escapes.isOpen ? from : from + image.push(chunk.subarray(from, end));
    if (i < end || (quote !== -1 && this.#escapes.isOpen)) i = this.#scanByCharacter(image, chunk, i);
    else if (quote !== -1) i = end;
    if (chunk[i] !== QUOTE || this.#escapes.isOpen || this.overflowed) return i;
    this.#endImage(image);
    return i + 1;
  }

  /** Scans to the end of the string or of the chunk and resolves escapes. */
  #scanByCharacter(image: ImageTextReader, chunk: Uint8Array, from: number): number {
    const text = new Uint8Array(chunk.length - from);
    const skips = this.#rules.skipsWhiteSpace;
    let length = 0;
    let spaces = 0;
    let i = from;
    for (; i < chunk.length; i++) {
      const code = chunk[i] ?? 0;
      if (!this.#escapes.isOpen && code === QUOTE) break;
      const character = this.#escapes.read(code);
      // JSON allows no bare control characters.
      if (character === NO_CHARACTER || code < SPACE) this.#breakJson();
      if (character === null) continue;
      if (skips && WHITE_SPACE.has(character)) spaces++;
      else text[length++] = character;
    }
    const read = image.push(text.subarray(0, length));
    if (read < length) image.invalidate();
    if (!skips) return i;
    // What is no part of an image counts as JSON: otherwise a compressed response could be endless.
    this.#json.skip(spaces);
    if (read === 0 && length > 0 && this.#json.skip(length)) this.#abandonImage(image);
    return i;
  }

  /** Reports an image that is invalid for so long that its end is not awaited. */
  #abandonImage(image: ImageTextReader): void {
    this.#endImage(image);
    this.#events.push({ type: 'entry', json: '{}', text: this.#entryText() });
  }

  /** `JSON.parse` would refuse the text of this image, so the JSON with the placeholder has to be refused too. */
  #breakJson(): void {
    this.#json.append(Uint8Array.of(BACKSLASH));
  }
}

export function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
