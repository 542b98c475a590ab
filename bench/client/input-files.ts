import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { randomBytes } from './random-bytes.ts';

/** The contract's limit for one input picture is 20 MB. */
const BYTES = 20_000_000;

/** So many files that are PNGs of 1024 x 1024 by their header; their pixels are random bytes that no client looks at. */
export async function writeInputFiles(folder: string, count: number): Promise<readonly string[]> {
  const picture = png(BYTES);
  const files = Array.from({ length: count }, (_, index) => join(folder, `input-${index}.png`));
  for (const file of files) await writeFile(file, picture);
  return files;
}

/** What each of the files becomes in a data URI, in bytes. */
export const INPUT_BASE64_BYTES = Math.ceil(BYTES / 3) * 4;

function png(size: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(1024, 0);
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
