/** Base64 from bytes to bytes. A host with a native codec can pass it; {@link portableBase64} runs everywhere. */
export interface Base64Codec {
  /** The base64 of `bytes`, as ASCII, padded. */
  encode(bytes: Uint8Array): Uint8Array;
  /**
   * Decodes `text`, ASCII with a length that is a multiple of four, into `output` and returns the number of bytes written. Returns -1 if
   * it is not base64 by RFC 4648, section 4 (the standard alphabet, padding only at the end); `output` is then undefined.
   */
  decode(text: Uint8Array, output: Uint8Array): number;
  /** Allocates memory to decode into without clearing it, if the host can. Bytes that were not written are never exposed. */
  allocate?(length: number): Uint8Array;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const PADDING = 0x3d;

/** Above every value of the alphabet, so that one comparison of four values combined with OR finds an invalid one. */
const INVALID = 0xff;
const VALUES = new Uint8Array(256).fill(INVALID);
CODES.forEach((code, value) => (VALUES[code] = value));

/** Whether a character code is allowed in base64 text, including padding. */
export function isBase64Code(code: number): boolean {
  return VALUES[code] !== INVALID || code === PADDING;
}

/** A codec in JavaScript, for every host. */
export const portableBase64: Base64Codec = { encode, decode };

function encode(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (byteAt(bytes, i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2);
    text[at++] = byteAt(CODES, word >> 18);
    text[at++] = byteAt(CODES, (word >> 12) & 63);
    text[at++] = byteAt(CODES, (word >> 6) & 63);
    text[at++] = byteAt(CODES, word & 63);
  }
  return padded(text, bytes.length % 3);
}

function padded(text: Uint8Array, bytesInLastWord: number): Uint8Array {
  if (bytesInLastWord === 1) text.fill(PADDING, -2);
  if (bytesInLastWord === 2) text.fill(PADDING, -1);
  return text;
}

function decode(text: Uint8Array, output: Uint8Array): number {
  const last = text.length - 4;
  let at = 0;
  for (let i = 0; i <= last; i += 4) {
    const a = VALUES[byteAt(text, i)] ?? INVALID;
    const b = VALUES[byteAt(text, i + 1)] ?? INVALID;
    const c = VALUES[byteAt(text, i + 2)] ?? INVALID;
    const d = VALUES[byteAt(text, i + 3)] ?? INVALID;
    if ((a | b | c | d) === INVALID) {
      const written = i === last ? decodePadded(text.subarray(i), output.subarray(at)) : -1;
      return written === -1 ? -1 : at + written;
    }
    output[at++] = (a << 2) | (b >> 4);
    output[at++] = (b << 4) | (c >> 2);
    output[at++] = (c << 6) | d;
  }
  return at;
}

/** Decodes the last group, which has padding or is invalid. */
function decodePadded(word: Uint8Array, output: Uint8Array): number {
  const [a, b, c] = [0, 1, 2].map((i) => VALUES[byteAt(word, i)] ?? INVALID) as [number, number, number];
  if (word[3] !== PADDING || a === INVALID || b === INVALID) return -1;
  output[0] = (a << 2) | (b >> 4);
  if (word[2] === PADDING) return 1;
  if (c === INVALID) return -1;
  output[1] = (b << 4) | (c >> 2);
  return 2;
}

/** Zero beyond the end. */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
