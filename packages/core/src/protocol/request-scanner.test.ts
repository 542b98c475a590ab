import { expect, test } from 'vitest';
import { portableBase64 } from '../images/base64-codec.ts';
import { createRequestScanner } from './request-scanner.ts';

/** The JSON with placeholders, and for each image its header, its bytes as text and its state. */
function scanned(text: string, step: number): { json: string; images: string[] } {
  const scanner = createRequestScanner({
    base64: portableBase64,
    decodeUtf8: (bytes) => new TextDecoder().decode(bytes),
    maxJsonBytes: 1000,
    placeholder: (index) => `"image ${index}"`,
  });
  const bytes = new TextEncoder().encode(text);
  const images: string[] = [];
  let image = '';
  for (let from = 0; from < bytes.length; from += step) {
    for (const event of scanner.push(bytes.subarray(from, from + step))) {
      if (event.type === 'begin') image = `${event.header} `;
      if (event.type === 'bytes') image += new TextDecoder().decode(event.bytes);
      if (event.type === 'end') images.push(`${image} ${event.text}`);
    }
  }
  return { json: scanner.end(), images };
}

test.each([1, 2, 3, 7, 1000])(
  'data URIs are extracted from image, and those in base64 from other keys, but not from texts, in chunks of %i bytes',
  (step) => {
    const text =
      '{"prompt":"data:,","image":["data:image\\/png;base64,QUJD","https://a.example/花,.png","\\u0064ata:x;base64,QU I=","data:"],"more":{"deep":[{"er":"data:image/png;base64,QUJD"}],"note":"data: none"},"metadata":{"a":"data:x;base64,QUJD"}}';
    expect(scanned(text, step)).toEqual({
      json: '{"prompt":"data:,","image":["image 0","https://a.example/花,.png","image 1","image 2"],"more":{"deep":[{"er":"image 3"}],"note":"data: none"},"metadata":{"a":"data:x;base64,QUJD"}}',
      images: [
        'data:image/png;base64, ABC complete',
        expect.stringMatching(/^data:x;base64, .*not_base64$/),
        'data:  empty',
        'data:image/png;base64, ABC complete',
      ],
    });
  },
);

test.each([1, 2, 3, 7, 1000])(
  'a string that only begins like a data URI, with escapes or in part, stays as it is, in chunks of %i bytes',
  (step) => {
    const strings = [
      '',
      'd',
      'data',
      'date: 花,',
      'dat\\u0061',
      '\\u0064x',
      '\\"data:',
      '\\\\',
      'x\\"',
      'ſdata:',
      'data\\uD83D',
      'wan2.7,image',
    ];
    const json = `{"image":[${strings.map((text) => `"${text}"`).join(',')}],"model":"wan2.7-image","size":"\\u00322K"}`;
    expect(scanned(json, step)).toEqual({ json, images: [] });
    expect(scanned('{"a":"DA\\u0054a:image/png;base64,QUJD"}', step).images).toEqual([
      'DATa:image/png;base64, ABC complete',
    ]);
  },
);
