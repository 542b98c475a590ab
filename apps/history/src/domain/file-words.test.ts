import { expect, test } from 'vitest';
import { wordsOf } from './file-words.ts';

test.each([
  ['../../etc/passwd', 'etc-passwd'],
  ['C:\\Windows\\a:b*c?"<d>|e', 'c-windows-a-b-c-d-e'],
  ['a\u202Egnp.exe\u2066', 'a-gnp-exe'],
  ['line\r\nset-cookie: a=b', 'line-set-cookie-a-b'],
  ['  .hidden.  ', 'hidden'],
  ['nul\u0000\u007f\u0085byte', 'nul-byte'],
  ['e\u0301te\u0301', 'été'],
  ['花店🌸 \u{20000}', '花店-\u{20000}'],
  ['\ud800 half', 'half'],
  ['!!! …', ''],
])('the words of %j are "%s"', (prompt, expected) => {
  expect(wordsOf(prompt)).toBe(expected);
});
