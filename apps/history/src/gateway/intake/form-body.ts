import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';
import { decodeUtf8 } from '../../http/body-text.ts';
import type { IncomingImages } from './incoming-images.ts';
import { MAX_TEXT_BYTES, readJsonBody, tooMuchText } from './json-body.ts';
import { valuesOfTexts } from './form-values.ts';

/** `image`, `image[]` and `image[0]`: clients use all three. */
const IMAGE_FIELD = /^image(?:\[(\d{0,4})\])?$/;

/** Texts and files together. Of each, the parser has to read a head. */
const MOST_PARTS = 100;

interface TextPart {
  readonly name: string;
  readonly text: Promise<string>;
}

interface Part {
  /** The index in the list, if its name has one. */
  readonly place: number | null;
  readonly image: Promise<unknown>;
}

/** Reads OpenAI's form into the equivalent JSON body, with its files staged on disk. */
export function readFormBody(
  contentType: string,
  chunks: AsyncIterable<Uint8Array>,
  images: IncomingImages,
): Promise<unknown> {
  return new FormReader(contentType, images).read(chunks);
}

class FormReader {
  readonly #images: IncomingImages;
  readonly #busboy: BusboyInstance;
  readonly #texts: TextPart[] = [];
  readonly #parts: Part[] = [];
  readonly #files = new Set<BusboyFileStream>();
  readonly #failure = Promise.withResolvers<never>();
  #textBytes = 0;

  constructor(contentType: string, images: IncomingImages) {
    this.#images = images;
    this.#failure.promise.catch(() => undefined);
    this.#busboy = openBusboy(contentType);
    this.#busboy.on('file', (name, file, filename, _encoding, type) => this.#onFile({ name, file, filename, type }));
    this.#busboy.on('partsLimit', () => this.#fail(tooManyParts()));
    this.#busboy.on('error', () => this.#fail(brokenForm()));
  }

  async read(chunks: AsyncIterable<Uint8Array>): Promise<unknown> {
    const finished = new Promise<void>((resolve) => void this.#busboy.once('finish', resolve));
    try {
      let isEmpty = true;
      for await (const chunk of chunks) {
        isEmpty &&= chunk.length === 0;
        await this.#unlessFailed(this.#write(chunk));
      }
      if (isEmpty) throw emptyForm();
      this.#busboy.end();
      await this.#unlessFailed(finished);
      const texts = await this.#unlessFailed(Promise.all(this.#texts.map((part) => part.text)));
      const fields = texts.map((text, index): [string, string] => [this.#texts[index]?.name ?? '', text]);
      const images = await this.#unlessFailed(Promise.all(this.#parts.map((part) => part.image)));
      return { ...valuesOfTexts(fields), ...Object.fromEntries(this.#imageField(images)) };
    } catch (error) {
      // Unblocks the staging of these files, which would wait for the rest of their bytes.
      for (const file of this.#files) file.destroy(brokenForm());
      await Promise.allSettled([...this.#parts.map((part) => part.image), ...this.#texts.map((part) => part.text)]);
      throw error;
    }
  }

  #unlessFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failure.promise]);
  }

  #fail(error: unknown): void {
    this.#failure.reject(error);
  }

  /** Settles when the form parser has consumed the chunk, that is, when the disk is ready for more. */
  #write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#busboy.write(chunk, (error?: Error | null) => (error ? reject(brokenForm()) : resolve()));
    });
  }

  #onFile({ name, file, filename, type }: IncomingFile): void {
    // Prevents an uncaught error if the file fails after its reader has stopped.
    file.on('error', () => undefined);
    const [found, place] = IMAGE_FIELD.exec(name ?? '') ?? [];
    if (found === undefined && filename === undefined && !isBinary(type)) return this.#onText(name, file);
    if (found === undefined) return this.#onOtherFile(name, file);
    this.#files.add(file);
    const isText = filename === undefined && type === 'text/plain';
    const image = (isText ? this.#imageOfText(file) : this.#imageOfFile(file)).finally(() => this.#files.delete(file));
    image.catch((error: unknown) => this.#fail(error));
    this.#parts.push({ place: place === undefined || place === '' ? null : Number(place), image });
  }

  /** A file without bytes is a field of a web page that was left empty, so it counts as missing. */
  #onOtherFile(name: string | undefined, file: BusboyFileStream): void {
    file.once('data', () => this.#fail(!name ? namelessPart() : name === 'mask' ? maskRefused() : notAnImage(name)));
    file.resume();
  }

  /** Detects the type from the bytes: many clients declare none, or a generic one. */
  #imageOfFile(file: BusboyFileStream): Promise<unknown> {
    return this.#images.take(file);
  }

  /** A URL or a data URI, as in a JSON body. */
  async #imageOfText(file: BusboyFileStream): Promise<unknown> {
    const { image } = (await readJsonBody(asJson(file), this.#images)) as { readonly image: unknown };
    if (typeof image === 'string') this.#countText(image.length);
    return image;
  }

  #onText(name: string | undefined, file: BusboyFileStream): void {
    if (!name) {
      file.resume();
      return this.#fail(namelessPart());
    }
    this.#countText(name.length);
    this.#files.add(file);
    const text = this.#textOf(file).finally(() => this.#files.delete(file));
    text.catch((error: unknown) => this.#fail(error));
    this.#texts.push({ name, text });
  }

  /** As bytes, not as the form parser decodes them: it replaces what is not UTF-8. */
  async #textOf(file: BusboyFileStream): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of file as AsyncIterable<Uint8Array>) {
      this.#countText(chunk.length);
      chunks.push(chunk);
    }
    return decodeUtf8(Buffer.concat(chunks), null);
  }

  #countText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > MAX_TEXT_BYTES) this.#fail(tooMuchText());
  }

  /** In order of arrival, unless every part has an index. A single image is not a list, as in JSON. */
  #imageField(images: readonly unknown[]): [string, unknown][] {
    if (images.length === 0) return [];
    const found = this.#parts.map(({ place }, index) => ({ place, image: images[index] }));
    const inOrder = found.every(({ place }) => place !== null)
      ? found.toSorted((one, other) => (one.place ?? 0) - (other.place ?? 0))
      : found;
    const all = inOrder.map(({ image }) => image);
    return [['image', all.length === 1 ? all[0] : all]];
  }
}

interface IncomingFile {
  readonly name: string | undefined;
  readonly file: BusboyFileStream;
  readonly filename: string | undefined;
  readonly type: string;
}

/** Whether a part is a file, although it has no file name. */
function isBinary(type: string): boolean {
  return type === 'application/octet-stream' || type.startsWith('image/');
}

function openBusboy(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { parts: MOST_PARTS },
      // So that every part comes as its bytes.
      isPartAFile: () => true,
    });
  } catch {
    throw invalidRequest(
      'The Content-Type multipart/form-data has no boundary: let your HTTP client set this header.',
      null,
    );
  }
}

/** The text of a field as a JSON body with only this field. */
async function* asJson(text: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield Buffer.from('{"image":"');
  for await (const chunk of text) yield escaped(chunk);
  yield Buffer.from('"}');
}

const mustBeEscaped = (code: number): boolean => code < 0x20 || code === 0x22 || code === 0x5c;
const HEX_DIGITS = '0123456789abcdef';

/** Byte by byte, without a call for each match: the text may be nothing but quotes. */
function escaped(chunk: Uint8Array): Uint8Array {
  const source = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  if (!source.some(mustBeEscaped)) return chunk;
  const target = Buffer.allocUnsafe(source.length * 6);
  let length = 0;
  for (const code of source) {
    // Single bytes are safe to compare: no byte of a multi-byte UTF-8 character is one of these.
    if (!mustBeEscaped(code)) target[length++] = code;
    else length += target.write(`\\u00${HEX_DIGITS[code >> 4]}${HEX_DIGITS[code & 15]}`, length, 'latin1');
  }
  return target.subarray(0, length);
}

function brokenForm(): ApiError {
  return invalidRequest(
    'The form is malformed or ends too early. Check for a missing closing boundary, and send it completely.',
    null,
  );
}

function emptyForm(): ApiError {
  return invalidRequest('The form is empty: send model, prompt and at least one image.', null);
}

function tooManyParts(): ApiError {
  return new ApiError(`The form has more than ${MOST_PARTS} parts. Leave out those that are not needed.`, {
    status: 413,
    type: 'invalid_request_error',
    code: 'invalid_request',
  });
}

function namelessPart(): ApiError {
  return invalidRequest('A part of the form has no name. Name each part after its parameter, such as image.', null);
}

function maskRefused(): ApiError {
  return invalidRequest(
    'mask is not supported: this model has no masks. Leave it out, and say in the prompt what is to be changed.',
    'mask',
  );
}

function notAnImage(name: string): ApiError {
  const field = JSON.stringify(name.slice(0, 60));
  return invalidRequest(
    `The form has a file in the field ${field}. Files are accepted in the field "image" only.`,
    name.slice(0, 60),
  );
}
