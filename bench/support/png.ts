import { crc32, deflateSync } from 'node:zlib';
import { randomBytes } from './random-bytes.ts';

export const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A PNG by its header, 1024 pixels high and of exactly `size` bytes. Its pixels are random bytes: nothing can decode it. */
export function png(size: number, width = 1024): Buffer {
  const start = Buffer.concat([SIGNATURE, headerChunk(width, 1024)]);
  const end = endChunk();
  return Buffer.concat([start, chunk('IDAT', randomBytes(size - start.length - end.length - CHUNK_OVERHEAD)), end]);
}

/** Length, type and checksum. */
export const CHUNK_OVERHEAD = 12;

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** 8 bits each of red, green and blue, no alpha. */
export function headerChunk(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return chunk('IHDR', header);
}

/** Pixels that can be decoded. Bands of grey: the image is large to look at, and its bytes do not outweigh the work of a generation. */
export function pixelsChunk(width: number, height: number): Buffer {
  const lineBytes = 1 + width * 3;
  const lines = Buffer.alloc(lineBytes * height);
  for (let y = 0; y < height; y++) lines.fill(y >> 4, y * lineBytes + 1, (y + 1) * lineBytes);
  return chunk('IDAT', deflateSync(lines));
}

export function endChunk(): Buffer {
  return chunk('IEND', Buffer.alloc(0));
}
