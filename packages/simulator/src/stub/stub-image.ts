import sharp from 'sharp';
import { crc32 } from 'node:zlib';

const END_CHUNK_LENGTH = 12;
const CHUNK_OVERHEAD = 12;

/** A PNG of exactly `bytes` bytes, padded with a private chunk. If `bytes` is less than the PNG itself has, it is not padded. */
export async function stubImage(bytes: number): Promise<Buffer> {
  const png = await sharp({ create: { width: 1024, height: 1024, channels: 3, background: '#6f8f72' } })
    .png()
    .toBuffer();
  const padding = bytes - png.length - CHUNK_OVERHEAD;
  if (padding < 0) return png;
  const end = png.length - END_CHUNK_LENGTH;
  return Buffer.concat([png.subarray(0, end), chunk('stUb', Buffer.alloc(padding, 0x5a)), png.subarray(end)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
