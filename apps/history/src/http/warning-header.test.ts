import { expect, test } from 'vitest';
import { warningHeader } from './warning-header.ts';

test('without texts there is no header', () => {
  expect(warningHeader([])).toEqual({});
});

test('each text is a value of its own, in ASCII, with its quotes escaped', () => {
  expect(warningHeader(['size auto taken as 2K', 'say "花"\r\nx: y'])).toEqual({
    warning: ['299 - "size auto taken as 2K"', String.raw`299 - "say \"\\u82b1\"\\u000d\\u000ax: y"`],
  });
});

test('many or long texts do not exceed what clients accept', () => {
  const { warning = [] } = warningHeader(Array.from({ length: 5000 }, () => '"花'.repeat(5000)));
  expect(warning.at(-1)).toBe('299 - "4980 more warnings"');
  expect(warning.join('').length).toBeLessThan(12 * 1024);
});
