import { GlobalFonts } from '@napi-rs/canvas';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Noto Sans SC: Chinese and Latin, licensed under the Open Font License, shipped with its package. */
export const TEXT_FONT = 'wan-image-text';
export const BOLD_FONT = 'wan-image-bold';

export function registerFonts(): void {
  const entry = createRequire(import.meta.url).resolve('@embedpdf/fonts-sc');
  const folder = join(dirname(entry), '..', 'fonts');
  GlobalFonts.registerFromPath(join(folder, 'NotoSansHans-Regular.otf'), TEXT_FONT);
  GlobalFonts.registerFromPath(join(folder, 'NotoSansHans-Bold.otf'), BOLD_FONT);
}
