import { crc32 } from 'node:zlib';
import { randomBytes } from './random-bytes.ts';

/** A PNG by its header, of that width and 1024 high, and of exactly so many bytes; its pixels are random bytes that nobody looks at. */
export function png(size: number, width = 1024): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(1024, 4);
  // 8 bits, colour type 2: red, green, blue, no alpha.
  header.set([8, 2, 0, 0, 0], 8);
  const start = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header)]);
  const end = chunk('IEND', Buffer.alloc(0));
  const overhead = 12;
  return Buffer.concat([start, chunk('IDAT', randomBytes(size - start.length - end.length - overhead)), end]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
