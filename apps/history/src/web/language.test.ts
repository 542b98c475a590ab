import { expect, test } from 'vitest';
import { chosenLanguage, languageCookie, languageOf } from './language.ts';

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
  expect(languageOf({ requested: undefined, cookie: undefined, acceptLanguage })).toBe(expected);
});

test.each([
  ['zh', 'zh'],
  ['en', 'en'],
  ['fr', 'zh'],
  [['en', 'zh'], 'zh'],
])('?lang=%j, with a browser that prefers Chinese, is %s', (lang, expected) => {
  expect(languageOf({ requested: lang, cookie: undefined, acceptLanguage: 'zh-CN' })).toBe(expected);
});

test.each([
  ['wan-image-lang=en', 'en'],
  ['a=b; wan-image-lang=en; c=d', 'en'],
  ['a=b;wan-image-lang=en', 'en'],
  ['wan-image-lang=fr', 'zh'],
  ['wan-image-lang=english', 'zh'],
  ['not-wan-image-lang=en', 'zh'],
  ['wan-image-lang=', 'zh'],
  ['', 'zh'],
])('with the cookie "%s", a browser that prefers Chinese gets %s', (cookie, expected) => {
  expect(languageOf({ requested: undefined, cookie, acceptLanguage: 'zh-CN' })).toBe(expected);
});

test('?lang= counts more than the choice before', () => {
  expect(languageOf({ requested: 'zh', cookie: 'wan-image-lang=en', acceptLanguage: 'en' })).toBe('zh');
  expect(languageOf({ requested: 'fr', cookie: 'wan-image-lang=zh', acceptLanguage: 'en' })).toBe('zh');
});

test('only a language of the page is a choice, and its cookie is sent over https alone where the page has it', () => {
  expect([chosenLanguage('fr'), chosenLanguage(['zh'])]).toEqual([null, null]);
  expect(languageCookie('zh', true)).toMatch(/^wan-image-lang=zh; .*SameSite=Lax; HttpOnly; Secure$/);
  expect(languageCookie('en', false)).not.toContain('Secure');
});
