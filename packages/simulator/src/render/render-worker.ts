import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import type { ImageSpec } from '../images/image-spec.ts';
import { registerFonts } from './fonts.ts';
import { paintInputs } from './paint-inputs.ts';
import { MOTIFS } from './paint-scene.ts';
import { paintText } from './paint-text.ts';
import { PALETTES } from './palettes.ts';
import { pick, randomOf } from './random.ts';

registerFonts();

/** Renders an image as a PNG without alpha. Runs in a worker thread, because it takes up to a few seconds of CPU time. */
export default async function render(spec: ImageSpec): Promise<Uint8Array> {
  const canvas = createCanvas(spec.width, spec.height);
  const context = canvas.getContext('2d');
  // All images of a set share palette and motif; the composition of each differs.
  const shared = randomOf(spec.theme, 0);
  const palette = pick(shared, PALETTES);
  const motif = pick(shared, MOTIFS);
  motif(context, spec.width, spec.height, palette, randomOf(spec.theme, spec.index + 1));
  await paintInputs(context, spec);
  paintText(context, spec);
  // sharp encodes several times faster than the canvas.
  return sharp(canvas.data(), { raw: { width: spec.width, height: spec.height, channels: 4 } })
    .removeAlpha()
    .png({ compressionLevel: 4, adaptiveFiltering: false })
    .toBuffer();
}
