import { expect, test } from 'vitest';
import { fileNameOf, generationIdOf } from './image-name.ts';

const ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-2';

test('a file is named after its prompt', () => {
  expect(fileNameOf('A red fox, in snow', { id: ID, mime_type: 'image/png' })).toBe(
    'A-red-fox,-in-snow-2c3d4e5f6071-2.png',
  );
  expect(fileNameOf('一间花店', { id: ID, mime_type: 'image/jpeg' })).toBe('一间花店-2c3d4e5f6071-2.jpg');
});

test('no prompt makes a path, a hidden file or a name that is too long', () => {
  for (const prompt of [
    '../../etc/passwd',
    '..',
    'C:\\Windows',
    '\u202efdp.exe',
    'a\u0000b\n\tc',
    'CON?*|<>"',
    '.bashrc',
  ]) {
    const name = fileNameOf(prompt, { id: ID, mime_type: null });
    expect(name).not.toMatch(/^[.-]|[\\/:*?"<>|\p{C}]/u);
  }
  const long = fileNameOf('🦊'.repeat(500), { id: ID, mime_type: 'image/webp' });
  expect(new TextEncoder().encode(long).length).toBeLessThan(255 + 1);
  expect(long.isWellFormed()).toBe(true);
});

test('an image belongs to the generation whose id it begins with', () => {
  expect(generationIdOf(ID)).toBe('019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071');
});
