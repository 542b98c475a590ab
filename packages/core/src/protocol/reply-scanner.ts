import type { Base64Codec } from '../images/base64-codec.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { JsonEscapes, NO_CHARACTER } from './json-escapes.ts';
import { createPictureTextReader, type PictureText, type PictureTextReader } from './picture-text.ts';

/** What the next bytes of a reply tell, in their order. */
export type ReplyEvent =
  /** Decoded bytes of a picture. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** The base64 of a picture is at its end; there may have been no bytes in it. */
  | { readonly type: 'end'; readonly text: PictureText }
  /** An entry of `data` is whole: its JSON, with null in place of the base64, and what became of that. */
  | { readonly type: 'entry'; readonly json: string; readonly text: PictureText | null };

export interface ReplyScanner {
  push(chunk: Uint8Array): readonly ReplyEvent[];
  /** Whether the JSON beside the pictures is longer than allowed. What comes after that is not read. */
  readonly overflowed: boolean;
  /** The whole JSON, with null in place of each picture. */
  end(): string;
}

export interface ReplyScannerOptions {
  readonly base64: Base64Codec;
  readonly decodeUtf8: (bytes: Uint8Array) => string;
  /** Largest picture, in decoded bytes. */
  readonly maxPictureBytes: number;
  /** Most bytes of JSON beside the pictures. */
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
const NULL = Uint8Array.of(0x6e, 0x75, 0x6c, 0x6c);

/** What may stand between base64 characters. */
const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, SPACE]);

/**
 * Walks through the JSON of a reply as it arrives and takes the pictures (`data[].b64_json`) out of it, decoded,
 * so that nobody ever has to hold their text. All else is kept as text and judged by `JSON.parse`:
 * this only has to know where it is, not whether the JSON is well-formed.
 */
export function createReplyScanner(options: ReplyScannerOptions): ReplyScanner {
  return new Scanner(options);
}

class Scanner implements ReplyScanner {
  readonly #options: ReplyScannerOptions;
  #events: ReplyEvent[] = [];
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
  #entryText: PictureText | null = null;
  #inString = false;
  #escaped = false;
  #picture: PictureTextReader | null = null;
  readonly #escapes = new JsonEscapes();

  constructor(options: ReplyScannerOptions) {
    this.#options = options;
    this.#json = new GrowingBytes(options.maxJsonBytes);
  }

  get overflowed(): boolean {
    return this.#json.overflowed;
  }

  push(chunk: Uint8Array): readonly ReplyEvent[] {
    this.#events = [];
    let i = 0;
    while (i < chunk.length && !this.overflowed) {
      if (this.#picture !== null) i = this.#scanPicture(this.#picture, chunk, i);
      else if (this.#inString) i = this.#scanString(chunk, i);
      else i = this.#scanStructure(chunk, i);
    }
    return this.#events;
  }

  end(): string {
    return this.#text(0);
  }

  #text(from: number): string {
    return this.#options.decodeUtf8(this.#json.from(from));
  }

  /** Up to and with the next character that says where we are. */
  #scanStructure(chunk: Uint8Array, from: number): number {
    let i = from;
    while (i < chunk.length) {
      const code = chunk[i++] ?? 0;
      if (code === QUOTE && this.#isPicture()) {
        this.#json.append(chunk.subarray(from, i - 1));
        this.#beginPicture();
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
        if (code === OPEN_OBJECT && this.#isInData()) this.#beginEntry();
        this.#open.push(code === OPEN_LIST);
        this.#awaitsKey = code === OPEN_OBJECT;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        this.#open.pop();
        this.#awaitsKey = false;
        if (code === CLOSE_OBJECT && this.#isInData()) this.#endEntry();
        break;
      case COMMA:
        this.#awaitsKey = this.#open.at(-1) === false;
        break;
      default:
        this.#awaitsKey = false;
    }
  }

  /** Inside the list under the key `data` of the outermost object. */
  #isInData(): boolean {
    return this.#open.length === 2 && this.#open[0] === false && this.#open[1] === true && this.#outerKey === 'data';
  }

  /** Whether a string that begins here is the text of a picture. */
  #isPicture(): boolean {
    const [outer, list, entry] = this.#open;
    return (
      this.#open.length === 3 &&
      outer === false &&
      list === true &&
      entry === false &&
      !this.#awaitsKey &&
      this.#outerKey === 'data' &&
      this.#entryKey === 'b64_json'
    );
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
    if (key === 'b64_json') this.#entryText = null;
  }

  #beginPicture(): void {
    this.#json.append(NULL);
    this.#escapes.reset();
    this.#picture = createPictureTextReader(this.#options.base64, this.#options.maxPictureBytes, (bytes) =>
      this.#events.push({ type: 'bytes', bytes }),
    );
  }

  #endPicture(picture: PictureTextReader): void {
    const text = picture.end();
    this.#picture = null;
    this.#entryText = text;
    this.#events.push({ type: 'end', text });
  }

  #scanPicture(picture: PictureTextReader, chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote === -1 ? chunk.length : quote;
    // What is no plain base64 stops it: escapes, an escaped quote among them, white space, and what is wrong.
    let i = this.#escapes.isOpen ? from : from + picture.push(chunk.subarray(from, end));
    if (i < end || (quote !== -1 && this.#escapes.isOpen)) i = this.#scanCarefully(picture, chunk, i);
    else if (quote !== -1) i = end;
    if (chunk[i] !== QUOTE || this.#escapes.isOpen) return i;
    this.#endPicture(picture);
    return i + 1;
  }

  /** Character by character to the end of the string or of the chunk. */
  #scanCarefully(picture: PictureTextReader, chunk: Uint8Array, from: number): number {
    const clean = new Uint8Array(chunk.length - from);
    let length = 0;
    let i = from;
    for (; i < chunk.length; i++) {
      const code = chunk[i] ?? 0;
      if (!this.#escapes.isOpen && code === QUOTE) break;
      const meant = this.#escapes.read(code);
      if (meant === NO_CHARACTER) this.#malformed();
      // JSON has no bare control characters.
      if (code < SPACE) this.#malformed();
      if (meant !== null && !WHITE_SPACE.has(meant)) clean[length++] = meant;
    }
    const taken = picture.push(clean.subarray(0, length));
    if (taken < length) picture.spoil();
    return i;
  }

  /** JSON.parse would refuse the text of this picture, so it is made to refuse what stands in its place. */
  #malformed(): void {
    this.#json.append(Uint8Array.of(BACKSLASH));
  }
}

/** A key as JSON.parse reads it; one that it refuses is none that we look for. */
function readKey(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
