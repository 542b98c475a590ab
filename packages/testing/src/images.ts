import sharp from 'sharp';

export interface ImageRecipe {
  readonly format: 'png' | 'jpeg' | 'webp' | 'bmp';
  readonly width: number;
  readonly height: number;
  readonly alpha?: boolean;
}

/** Encodes an image: PNG 8-bit RGB (RGBA with alpha), JPEG, WEBP, or BMP 24-bit. */
export async function encodeImage({ format, width, height, alpha = false }: ImageRecipe): Promise<Buffer> {
  if (format === 'bmp') return encodeBmp(width, height);
  const background = alpha ? { r: 200, g: 90, b: 40, alpha: 0.5 } : { r: 200, g: 90, b: 40 };
  return sharp({ create: { width, height, channels: alpha ? 4 : 3, background } })
    .toFormat(format)
    .toBuffer();
}

export async function dataUri(recipe: ImageRecipe): Promise<string> {
  return `data:image/${recipe.format};base64,${(await encodeImage(recipe)).toString('base64')}`;
}

function encodeBmp(width: number, height: number): Buffer {
  const rowLength = Math.ceil((width * 3) / 4) * 4;
  const headerLength = 54;
  const bmp = Buffer.alloc(headerLength + rowLength * height, 0x90);
  bmp.fill(0, 0, headerLength);
  bmp.write('BM', 0, 'ascii');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(headerLength, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(width, 18);
  bmp.writeInt32LE(height, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  return bmp;
}
