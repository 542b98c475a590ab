import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { png } from '../support/png.ts';

/** The contract's limit for one input image is 20 MB. */
const BYTES = 20_000_000;

/** Writes files that are PNGs of 1024 x 1024 by their header. Their pixels are random bytes, which no client looks at. */
export async function writeInputFiles(folder: string, count: number): Promise<readonly string[]> {
  const image = png(BYTES);
  const files = Array.from({ length: count }, (_, index) => join(folder, `input-${index}.png`));
  for (const file of files) await writeFile(file, image);
  return files;
}

/** The size of the base64 of each file in its data URI, in bytes. */
export const INPUT_BASE64_BYTES = Math.ceil(BYTES / 3) * 4;
