import { png } from '../support/png.ts';

export interface Reply {
  readonly pictures: number;
  /** Of each picture. */
  readonly bytes: number;
  readonly delayMs: number;
}

/** What the stub can answer with. The prompt says which: it is what every gateway sends along as it is. */
export const REPLIES = {
  tiny: { pictures: 1, bytes: 2048, delayMs: 0 },
  large: { pictures: 4, bytes: 12 * 1024 * 1024, delayMs: 0 },
  late: { pictures: 1, bytes: 2048, delayMs: 20_000 },
} as const satisfies Record<string, Reply>;

export type ReplyName = keyof typeof REPLIES;

export function isReplyName(name: string): name is ReplyName {
  return Object.hasOwn(REPLIES, name);
}

/** Where the number of a picture stands: within the pixels, that is behind the header and before the end. */
const NUMBER_AT = 48;

/** So many bytes of a picture hold its number and become base64 without padding. */
const HEAD_BYTES = 60;

/** Pictures of one size. No two are the same, as no two of a real upstream are: a store that keeps each content once keeps each of these. */
export class Pictures {
  readonly #bytes: Buffer;
  readonly #base64Tail: Buffer;

  constructor(name: ReplyName) {
    this.#bytes = png(REPLIES[name].bytes);
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
