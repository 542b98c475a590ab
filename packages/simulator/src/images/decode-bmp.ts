import sharp, { type Sharp } from 'sharp';

/** Decodes an uncompressed 24- or 32-bit BMP, which sharp cannot read. Throws for other kinds. */
export function decodeBmp(bytes: Buffer): Sharp {
  const dataOffset = bytes.readUInt32LE(10);
  const width = bytes.readInt32LE(18);
  const signedHeight = bytes.readInt32LE(22);
  const channels = bytes.readUInt16LE(28) / 8;
  const compression = bytes.readUInt32LE(30);
  if ((channels !== 3 && channels !== 4) || (compression !== 0 && compression !== 3))
    throw new Error('Unsupported kind of BMP');
  const height = Math.abs(signedHeight);
  const rowLength = Math.ceil((width * channels) / 4) * 4;
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    // Rows go from bottom to top, unless the height is negative.
    const from = dataOffset + rowLength * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const pixel = from + x * channels;
      const to = (y * width + x) * 3;
      rgb[to] = bytes[pixel + 2] ?? 0;
      rgb[to + 1] = bytes[pixel + 1] ?? 0;
      rgb[to + 2] = bytes[pixel] ?? 0;
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
