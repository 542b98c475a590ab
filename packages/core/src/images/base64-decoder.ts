import { isBase64Code, type Base64Codec } from './base64-codec.ts';

/** Size of the emitted blocks in bytes, each with its own memory: large enough to be cheap, small enough for a flat memory use. */
const BLOCK_BYTES = 128 * 1024;

export interface Base64Decoder {
  /**
   * Reads base64 text in ASCII, split anywhere, and returns how many characters were valid: fewer than its length at the first invalid
   * character.
   */
  push(text: Uint8Array): number;
  /** Ends the text. False if its length is not a multiple of four. */
  end(): boolean;
}

/** Decodes base64 as it arrives. `emit` gets the bytes in blocks that are never changed afterwards. */
export function createBase64Decoder(codec: Base64Codec, emit: (bytes: Uint8Array) => void): Base64Decoder {
  let block: Uint8Array = new Uint8Array(0);
  let used = 0;
  let padded = false;
  const word = new Uint8Array(4);
  let wordLength = 0;

  function flush(): void {
    if (used === 0) return;
    // A few bytes must not keep a whole block in memory.
    emit(used < BLOCK_BYTES / 2 ? block.slice(0, used) : block.subarray(0, used));
    block = new Uint8Array(0);
    used = 0;
  }

  /** Decodes complete groups of four, at most as many as fit into a block. */
  function decode(text: Uint8Array): boolean {
    if (padded) return false;
    const maxBytes = (text.length / 4) * 3;
    if (block.length - used < maxBytes) {
      flush();
      block = codec.allocate?.(BLOCK_BYTES) ?? new Uint8Array(BLOCK_BYTES);
    }
    const written = codec.decode(text, block.subarray(used, used + maxBytes));
    if (written === -1) return false;
    used += written;
    padded = written < maxBytes;
    return true;
  }

  /** Reads single characters until a group of four is complete. */
  function fillWord(text: Uint8Array, from: number): number {
    let i = from;
    while (i < text.length) {
      const code = text[i] ?? 0;
      if (!isBase64Code(code) || padded) return i;
      word[wordLength] = code;
      if (wordLength === 3 && !decode(word)) return i;
      wordLength = (wordLength + 1) % 4;
      i++;
      if (wordLength === 0) break;
    }
    return i;
  }

  return {
    push(text) {
      let i = wordLength === 0 ? 0 : fillWord(text, 0);
      if (wordLength !== 0) return i;
      const wholeWords = text.length - ((text.length - i) % 4);
      while (i < wholeWords) {
        const to = Math.min(wholeWords, i + BLOCK_BYTES);
        if (!decode(text.subarray(i, to))) return i;
        i = to;
      }
      return i < text.length ? fillWord(text, i) : i;
    },
    end() {
      flush();
      return wordLength === 0;
    },
  };
}
