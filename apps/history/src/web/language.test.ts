import { expect, test } from 'vitest';
import { languageOf } from './language.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['de-DE', 'en'],
  ['zh', 'zh'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['zh-Hant-TW', 'zh'],
  ['ZH-cn', 'zh'],
  ['de,fr;q=0.9,zh-CN;q=0.3', 'zh'],
  ['zh;q=0.5,en;q=0.8', 'en'],
  ['en;q=0.5,zh;q=0.8', 'zh'],
  ['zh;q=0', 'en'],
  ['zh;q=0,en;q=0.1', 'en'],
  ['zha', 'en'],
])('a browser that prefers "%s" gets %s', (acceptLanguage, expected) => {
  expect(languageOf(undefined, acceptLanguage)).toBe(expected);
});

test.each([
  ['zh', 'zh'],
  ['en', 'en'],
  ['fr', 'zh'],
  [['en', 'zh'], 'zh'],
])('?lang=%j, with a browser that prefers Chinese, is %s', (lang, expected) => {
  expect(languageOf(lang, 'zh-CN')).toBe(expected);
});
