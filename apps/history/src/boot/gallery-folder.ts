import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the built gallery; null if it is not built. It is found and not imported: the gallery is files for browsers. */
export function galleryFolder(): string | null {
  const index = indexOfGallery();
  return index !== null && existsSync(index) ? fileURLToPath(new URL('.', index)) : null;
}

function indexOfGallery(): URL | null {
  try {
    return new URL('dist/index.html', import.meta.resolve('@wan-image/gallery/package.json'));
  } catch {
    return null;
  }
}
