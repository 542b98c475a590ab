import { describe, expect, test } from 'vitest';
import { bufferBase64 } from './buffer-base64.ts';
import { isBase64 } from './base64.ts';
import { portableBase64 } from './base64-codec.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each([
  ['portable', portableBase64],
  ["Node's", bufferBase64(Buffer)],
])('the %s codec', (_name, codec) => {
  const decode = (text: string): Buffer | null => {
    const output = new Uint8Array((text.length / 4) * 3);
    const written = codec.decode(ascii(text), output);
    return written === -1 ? null : Buffer.from(output.subarray(0, written));
  };

  test.each([0, 1, 2, 3, 4, 5, 57, 1000])('encodes and decodes %i bytes', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 89 + 251) % 256));
    const text = Buffer.from(codec.encode(bytes)).toString('latin1');
    expect(text).toBe(bytes.toString('base64'));
    expect(decode(text)?.equals(bytes)).toBe(true);
  });

  test.each([
    'QUJDR',
    'QQ=A',
    'Q===',
    '====',
    'QQ==QUJD',
    'QU-_',
    'QU\nJ',
    'QUI==',
    'QU J',
    'QUJ\u0000',
    'Q=Q=',
    '=QQQ',
  ])('refuses %j', (text) => {
    expect(decode(text.padEnd(Math.ceil(text.length / 4) * 4, '='))).toBeNull();
  });

  test('agrees with isBase64 on every pair of characters at every position of a group', () => {
    for (let place = 0; place < 3; place++) {
      for (let a = 0; a < 256; a += 1) {
        for (const b of [0x3d, 0x41, 0x2b, 0x0a, 0xff]) {
          const word = Uint8Array.of(0x51, 0x51, 0x51, 0x51);
          word[place] = a;
          word[place + 1] = b;
          const written = codec.decode(word, new Uint8Array(3));
          expect([written !== -1, a, b, place]).toEqual([isBase64(Buffer.from(word).toString('latin1')), a, b, place]);
        }
      }
    }
  });
});
