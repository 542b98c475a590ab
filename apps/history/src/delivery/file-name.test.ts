import { parse } from 'content-disposition';
import { expect, test } from 'vitest';
import { wordsOf } from '../domain/file-words.ts';
import { contentDisposition } from './file-name.ts';

const imageId = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-0';
const nameOf = (header: string): string | undefined => parse(header).parameters['filename'];
const facts = { imageId, mimeType: 'image/png', prompt: 'A cat on a windowsill', isDownload: false };

test('an image is named by its date, the words of its prompt and its position', () => {
  expect(contentDisposition(facts)).toBe('inline; filename="2025-11-23 a-cat-on-a-windowsill 0.png"');
  const input = { ...facts, imageId: imageId.replace(/0$/, 'input-3'), mimeType: 'image/jpeg', isDownload: true };
  expect(contentDisposition(input)).toBe('attachment; filename="2025-11-23 a-cat-on-a-windowsill input 3.jpg"');
});

test('without the prompt, and for clients that know only ASCII, it is named by its time', () => {
  const plain = '2025-11-23 22.10.04 wan-image 0.png';
  expect(contentDisposition({ ...facts, prompt: null })).toBe(`inline; filename="${plain}"`);
  const chinese = contentDisposition({ ...facts, prompt: '一间有着精致窗户的花店' });
  expect(chinese).toContain(`filename="${plain}"`);
  expect(nameOf(chinese)).toBe('2025-11-23 一间有着精致窗户的花店 0.png');
});

test('what is no image is saved as such', () => {
  expect(nameOf(contentDisposition({ ...facts, mimeType: 'text/html', isDownload: true }))).toMatch(/ 0\.bin$/);
});

test('a long prompt is cut between characters, and the name fits into 255 bytes', () => {
  const words = wordsOf('\u{20000}'.repeat(5000));
  expect(words).toMatch(/^.{50}$/su);
  const name = nameOf(contentDisposition({ ...facts, prompt: '\u{20000}'.repeat(5000) })) ?? '';
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name.isWellFormed()).toBe(true);
});
