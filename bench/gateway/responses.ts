import { png } from '../support/png.ts';

export interface CannedResponse {
  readonly images: number;
  /** Of each image. */
  readonly bytes: number;
  readonly delayMs: number;
}

/** What the stub can answer with. The prompt says which: it is what every gateway sends along as it is. */
export const RESPONSES = {
  tiny: { images: 1, bytes: 2048, delayMs: 0 },
  large: { images: 4, bytes: 12 * 1024 * 1024, delayMs: 0 },
  late: { images: 1, bytes: 2048, delayMs: 20_000 },
} as const satisfies Record<string, CannedResponse>;

export type ResponseName = keyof typeof RESPONSES;

export function isResponseName(name: string): name is ResponseName {
  return Object.hasOwn(RESPONSES, name);
}

/** Where the number of an image stands: within the pixels, that is behind the header and before the end. */
const NUMBER_AT = 48;

/** So many bytes of an image hold its number and become base64 without padding. */
const HEAD_BYTES = 60;

/** Images of one size. No two are the same, as no two of a real upstream are: a store that keeps each content once keeps each of these. */
export class Images {
  readonly #bytes: Buffer;
  readonly #base64Tail: Buffer;

  constructor(name: ResponseName) {
    this.#bytes = png(RESPONSES[name].bytes);
    this.#base64Tail = Buffer.from(this.#bytes.subarray(HEAD_BYTES).toString('base64'), 'latin1');
  }

  bytesOf(number: number): Buffer {
    return Buffer.concat([this.#head(number), this.#bytes.subarray(HEAD_BYTES)]);
  }

  /** In two pieces, of which the large one is the same for all and never copied. */
  base64Of(number: number): readonly Buffer[] {
    return [Buffer.from(this.#head(number).toString('base64'), 'latin1'), this.#base64Tail];
  }

  #head(number: number): Buffer {
    const head = Buffer.from(this.#bytes.subarray(0, HEAD_BYTES));
    head.writeUInt32BE(number, NUMBER_AT);
    return head;
  }
}
