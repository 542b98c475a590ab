import { expect, test } from 'vitest';
import { preferredLanguage } from './language.ts';

test.each([
  [['zh-TW', 'en'], 'zh'],
  [['de-CH', 'ZH', 'en'], 'zh'],
  [['en-GB', 'zh'], 'en'],
  [['de', 'fr'], 'en'],
  [[], 'en'],
])('a browser that prefers %j is shown %s', (tags, language) => {
  expect(preferredLanguage(tags)).toBe(language);
});
