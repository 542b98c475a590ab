import { rgbaToThumbHash } from 'thumbhash';
import { LIMIT_SECONDS, loadSharp, MOST_PIXELS } from './render-thumbnail.ts';

/** The longest side that a thumbhash is made from. */
const SIDE = 100;

/**
 * The thumbhash of an image, in base64: 25 bytes from which a page draws a blurred preview before the image has arrived. Of an animation, of
 * its first frame. Rejects if the image cannot be decoded.
 */
export async function renderThumbhash(image: Uint8Array): Promise<string> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(image, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
    .autoOrient()
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: LIMIT_SECONDS })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}
