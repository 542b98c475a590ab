import { GrowingBytes } from './growing-bytes.ts';
import { JsonEscapes, NO_CHARACTER } from './json-escapes.ts';
import { parseJson } from './parse-json.ts';
import type { ImageText, ImageTextReader } from './image-text.ts';

/** What the next bytes of a JSON text tell, in their order. */
export type ImageEvent =
  /** An image begins; `header` is what its text says before its base64, where that is asked for. */
  | { readonly type: 'begin'; readonly header: string }
  /** Decoded bytes of an image. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** The base64 of an image is at its end; there may have been no bytes in it. */
  | { readonly type: 'end'; readonly text: ImageText }
  /** An entry is whole: its JSON, with what stands for the image in place of it, and what became of that. */
  | { readonly type: 'entry'; readonly json: string; readonly text: ImageText | null };

export interface ImageScanner {
  push(chunk: Uint8Array): readonly ImageEvent[];
  /** Whether the JSON beside the images is longer than allowed. What comes after that is not read. */
  readonly overflowed: boolean;
  /** The whole JSON, with what stands for it in place of each image. */
  end(): string;
}

/** Where images stand in a JSON text, and how their text is read. */
export interface ImageLayout {
  /** Whether a string at this place is the text of an image. */
  isImage(place: Place): boolean;
  /** Whether an object at this place is told of when it is whole. */
  isEntry(place: Place): boolean;
  /** The JSON that stands in place of the next image. */
  standIn(index: number): string;
  /** Looks at how a text begins before it is taken as an image. Without this every text at the place of one is one, from its first byte. */
  readonly createHeaderReader?: () => ImageHeaderReader;
  /** A reader of what comes after the header. */
  createReader(header: string, emit: (bytes: Uint8Array) => void): ImageTextReader;
  /** Whether white space between base64 characters counts for nothing. */
  readonly skipsWhiteSpace: boolean;
}

/** Reads the beginning of a text, as it stands in the JSON, after its opening quote. */
export interface ImageHeaderReader {
  /** Takes what belongs to it, and returns where in the chunk that ends. The quote that ends the text is left to whoever reads on. */
  push(chunk: Uint8Array, from: number): number;
  /** What has been read, once it is known whether an image follows. */
  readonly result: ImageHeader | null;
}

export interface ImageHeader {
  readonly isImage: boolean;
  readonly text: string;
  /** As it stands in the JSON. */
  readonly written: Uint8Array;
}

/** Where in the JSON we are. */
export interface Place {
  /** Of each container that is open, from the outermost: whether it is a list. */
  readonly open: readonly boolean[];
  /** The last key of the outermost object, and of the object inside its list. */
  readonly outerKey: string;
  readonly entryKey: string;
}

export interface ImageScannerOptions {
  readonly layout: ImageLayout;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Most bytes of JSON beside the images. */
  readonly maxJsonBytes: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

/** What may stand between base64 characters. */
const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, SPACE]);

/**
 * Walks through JSON as it arrives and takes the images out of it, decoded, so that nobody ever has to hold their text. All else is
 * kept as text and judged by `JSON.parse`: this only has to know where it is, not whether the JSON is well-formed.
 */
export function createImageScanner(options: ImageScannerOptions): ImageScanner {
  return new Scanner(options);
}

class Scanner implements ImageScanner {
  readonly #layout: ImageLayout;
  readonly #decodeUtf8: (bytes: Uint8Array) => string;
  #events: ImageEvent[] = [];
  readonly #json: GrowingBytes;
  /** Of each container that is open: whether it is a list. */
  readonly #open: boolean[] = [];
  /** Whether the next string in this object is a key. */
  #awaitsKey = false;
  /** The last key of the outermost object, and of the entry that is open. */
  #outerKey = '';
  #entryKey = '';
  /** Where in the JSON the string or entry that is open begins. */
  #stringStart = 0;
  #entryStart = 0;
  #entryText: ImageText | null = null;
  #inString = false;
  #escaped = false;
  #image: ImageTextReader | null = null;
  #images = 0;
  /** Of a text of which it is not yet known whether it is an image. */
  #header: ImageHeaderReader | null = null;
  readonly #escapes = new JsonEscapes();

  constructor(options: ImageScannerOptions) {
    this.#layout = options.layout;
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
    return this.#text(0);
  }

  #text(from: number): string {
    return this.#decodeUtf8(this.#json.from(from));
  }

  /** Up to and with the next character that says where we are. */
  #scanStructure(chunk: Uint8Array, from: number): number {
    let i = from;
    while (i < chunk.length) {
      const code = chunk[i++] ?? 0;
      if (code === QUOTE && !this.#awaitsKey && this.#layout.isImage(this.#place())) {
        this.#json.append(chunk.subarray(from, i - 1));
        this.#header = this.#layout.createHeaderReader?.() ?? null;
        if (this.#header === null) this.#beginImage('');
        return i;
      }
      if (code === QUOTE || this.#isStructure(code)) {
        this.#json.append(chunk.subarray(from, i));
        this.#step(code);
        return i;
      }
    }
    this.#json.append(chunk.subarray(from));
    return i;
  }

  #isStructure(code: number): boolean {
    return (
      code === OPEN_OBJECT ||
      code === CLOSE_OBJECT ||
      code === COMMA ||
      code === COLON ||
      code === OPEN_LIST ||
      code === CLOSE_LIST
    );
  }

  #step(code: number): void {
    switch (code) {
      case QUOTE:
        this.#inString = true;
        this.#stringStart = this.#json.length - 1;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (code === OPEN_OBJECT && this.#layout.isEntry(this.#place())) this.#beginEntry();
        this.#open.push(code === OPEN_LIST);
        this.#awaitsKey = code === OPEN_OBJECT;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        this.#open.pop();
        this.#awaitsKey = false;
        if (code === CLOSE_OBJECT && this.#layout.isEntry(this.#place())) this.#endEntry();
        break;
      case COMMA:
        this.#awaitsKey = this.#open.at(-1) === false;
        break;
      default:
        this.#awaitsKey = false;
    }
  }

  #place(): Place {
    return { open: this.#open, outerKey: this.#outerKey, entryKey: this.#entryKey };
  }

  #beginEntry(): void {
    this.#entryStart = this.#json.length - 1;
    this.#entryText = null;
    this.#entryKey = '';
  }

  #endEntry(): void {
    this.#events.push({ type: 'entry', json: this.#text(this.#entryStart), text: this.#entryText });
  }

  #scanString(chunk: Uint8Array, from: number): number {
    let i = from;
    while (i < chunk.length) {
      const code = chunk[i++];
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) {
        this.#inString = false;
        break;
      }
    }
    this.#json.append(chunk.subarray(from, i));
    if (!this.#inString && this.#awaitsKey) this.#endKey();
    return i;
  }

  #endKey(): void {
    const depth = this.#open.length;
    if (depth !== 1 && depth !== 3) return;
    const key = readKey(this.#text(this.#stringStart));
    if (depth === 1) this.#outerKey = key;
    else this.#entryKey = key;
    // Of a key that comes twice JSON.parse believes the last.
    if (this.#layout.isImage(this.#place())) this.#entryText = null;
  }

  #scanHeader(header: ImageHeaderReader, chunk: Uint8Array, from: number): number {
    const end = header.push(chunk, from);
    if (header.result !== null) this.#endHeader(header.result);
    return end;
  }

  #endHeader({ isImage, text, written }: ImageHeader): void {
    this.#header = null;
    if (isImage) return this.#beginImage(text);
    this.#json.append(Uint8Array.of(QUOTE));
    this.#json.append(written);
    this.#inString = true;
  }

  #beginImage(header: string): void {
    this.#json.append(asciiOf(this.#layout.standIn(this.#images++)));
    this.#escapes.reset();
    this.#events.push({ type: 'begin', header });
    this.#image = this.#layout.createReader(header, (bytes) => this.#events.push({ type: 'bytes', bytes }));
  }

  #endImage(image: ImageTextReader): void {
    const text = image.end();
    this.#image = null;
    this.#entryText = text;
    this.#events.push({ type: 'end', text });
  }

  #scanImage(image: ImageTextReader, chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote === -1 ? chunk.length : quote;
    // What is no plain base64 stops it: escapes, an escaped quote among them, white space, and what is wrong.
    let i = this.#escapes.isOpen ? from : from + image.push(chunk.subarray(from, end));
    if (i < end || (quote !== -1 && this.#escapes.isOpen)) i = this.#scanCarefully(image, chunk, i);
    else if (quote !== -1) i = end;
    if (chunk[i] !== QUOTE || this.#escapes.isOpen) return i;
    this.#endImage(image);
    return i + 1;
  }

  /** Character by character to the end of the string or of the chunk. */
  #scanCarefully(image: ImageTextReader, chunk: Uint8Array, from: number): number {
    const clean = new Uint8Array(chunk.length - from);
    const skips = this.#layout.skipsWhiteSpace;
    let length = 0;
    let i = from;
    for (; i < chunk.length; i++) {
      const code = chunk[i] ?? 0;
      if (!this.#escapes.isOpen && code === QUOTE) break;
      const meant = this.#escapes.read(code);
      if (meant === NO_CHARACTER) this.#malformed();
      // JSON has no bare control characters.
      if (code < SPACE) this.#malformed();
      if (meant !== null && !(skips && WHITE_SPACE.has(meant))) clean[length++] = meant;
    }
    const taken = image.push(clean.subarray(0, length));
    if (taken < length) image.spoil();
    return i;
  }

  /** JSON.parse would refuse the text of this image, so it is made to refuse what stands in its place. */
  #malformed(): void {
    this.#json.append(Uint8Array.of(BACKSLASH));
  }
}

/** A key as JSON.parse reads it; one that it refuses is none that we look for. */
function readKey(text: string): string {
  const key = parseJson(text);
  return typeof key === 'string' ? key : '';
}

function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
