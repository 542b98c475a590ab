import { dataUri } from '@wan-image/testing/images';
import { bodyOf, vectors } from '@wan-image/testing/vectors';
import { describe, expect, test } from 'vitest';
import { acceptRequest } from './accept-request.ts';
import { inputImagesOf, parseClientRequest, parseGenerationRequest } from './generation-request.ts';

const model = 'wan2.7-image';
const prompt = '花店';

function messageOf(input: unknown): string {
  const parsed = parseGenerationRequest(input);
  return parsed.ok ? 'accepted' : parsed.problems.map((problem) => problem.message).join(' ');
}

describe('every case of the vectors', () => {
  test.each(vectors.filter((vector) => vector.only === undefined && vector.valid))('accepts: $name', async (vector) => {
    const body = await bodyOf(vector);
    const parsed = parseGenerationRequest(body);
    expect(parsed).toMatchObject({ ok: true });
    if (parsed.ok && vector.sent) expect(parsed.value).toEqual(vector.sent);
  });

  test.each(vectors.filter((vector) => vector.only === undefined && !vector.valid))(
    'refuses: $name',
    async (vector) => {
      const parsed = parseGenerationRequest(await bodyOf(vector));
      expect(parsed.ok).toBe(false);
      if (!parsed.ok) expect(parsed.problems[0]?.param?.replace(/\[\d+\]$/, '')).toBe(vector.param);
    },
  );

  // Its images have a check of their own, and its defaults are filled in outside of the schema.
  test.each(vectors)('the schema of the client agrees: $name', async (vector) => {
    const body = await bodyOf(vector);
    expect(parseClientRequest(body)).toEqual(parseGenerationRequest(body));
  });

  test.each(vectors)('a server accepts or refuses: $name', async (vector) => {
    const result = acceptRequest(await bodyOf(vector));
    expect(result.ok).toBe(vector.valid);
    if (result.ok && vector.sent) expect({ ...result.value.extra, ...result.value.request }).toEqual(vector.sent);
    if (!result.ok) expect(result.problems[0]?.param?.replace(/\[\d+\]$/, '')).toBe(vector.param);
  });
});

describe('messages name the field, the limit and the remedy', () => {
  test.each([
    [{ model, prompt, size: '2k' }, 'Did you mean "2K"?'],
    [{ model, prompt, size: '2048*2048' }, 'Did you mean "2048x2048"?'],
    [{ model, prompt, size: '2048X2048' }, 'Did you mean "2048x2048"?'],
    [{ model, prompt, size: '1024 x 1024' }, 'Did you mean "1024x1024"?'],
    [{ model, prompt, size: '3K' }, 'use one of "1K", "2K", "4K"'],
    [{ model, prompt, size: '512x512' }, 'text-to-image allows 768x768 (589824) to 4096x4096'],
    [{ model, prompt, n: 5 }, 'n must be 1 to 4 without enable_sequential, got 5'],
    [{ model, prompt, n: '2' }, 'n must be a whole number from 1 to 4, or to 12 with enable_sequential, got "2"'],
    [{ model, prompt, size: '4096x256' }, 'make the width at most 2048'],
    [{ model, prompt, size: '300x4096' }, 'make the height at most 2400'],
    [{ model, prompt: '花'.repeat(5002) }, 'prompt has 5002 characters, at most 5000 are allowed: shorten it by 2'],
    [{ model, prompt, image: ['https://a.example/1.png', 'ftp://x'] }, 'image[1] must be an http(s) URL'],
    [{ model, prompt, image: [] }, 'a list of 1 to 9 of them, got a list of 0'],
    [{ model, prompt, image: '' }, 'image is empty: send an image'],
    [{ model, prompt, image: ['data:image/png;base64,'] }, 'image[0] is empty: send an image'],
    [{ model, prompt, image: 'data:image/svg+xml;utf8,<svg/>' }, 'got "data:image/svg+xml;utf8": encode'],
    [{ model, prompt, sead: 3 }, 'Unknown parameter "sead"'],
    [[], 'The request must be a JSON object, got a list of 0'],
  ])('%j', (input, expected) => {
    expect(parseClientRequest(input)).toEqual(parseGenerationRequest(input));
    expect(messageOf(input)).toContain(expected);
  });

  test('a data URI is never quoted back', () => {
    expect(messageOf({ model: 'data:image/png;base64,SECRET', prompt })).not.toContain('SECRET');
    expect(messageOf({ model, prompt, image: 'data:image/png;base64,SECRET!!' })).not.toContain('SECRET');
  });

  test('a number of images that no mode allows is reported once', () => {
    const parsed = parseGenerationRequest({ model, prompt, n: 13 });
    expect(parsed.ok ? [] : parsed.problems).toHaveLength(1);
  });

  test.each([
    'http://[',
    'http://[::1',
    'http://a.example:99999/x.png',
    'http://exa%mple.com/a.png',
    'http://:80/',
    'http://',
    'https://a b.example/',
    'http://<host>/',
  ])('%s is not a URL', (image) => {
    expect(messageOf({ model, prompt, image })).toContain('image must be an http(s) URL');
  });

  test.each([
    'https://a.example',
    'HTTP://A.EXAMPLE/x.png?y=%E8%8A%B1#z',
    'http://user:pass@a.example:65535/',
    'http://[::1]:8080/a.png',
    'https://例子.example/花.png',
    'http://127.0.0.1/a?b',
  ])('%s is a URL, for the host too', (image) => {
    expect(messageOf({ model, prompt, image })).toBe('accepted');
    expect(URL.canParse(image)).toBe(true);
  });

  test('all problems are reported at once', () => {
    const parsed = parseGenerationRequest({ model, prompt, size: '3K', n: 9 });
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.param)).toEqual(['n', 'size']);
  });
});

test('parameters in the header of a data URI are not sent', async () => {
  const uri = await dataUri({ format: 'png', width: 320, height: 240 });
  const image = uri.replace('image/png;', 'image/png;charset=utf-8; name=fox.png;');
  expect(parseGenerationRequest({ model, prompt, image })).toMatchObject({ ok: true, value: { image: uri } });
});

test('the input images keep their order', () => {
  const image = ['https://a.example/1.png', 'https://a.example/2.png'];
  expect(inputImagesOf({ image })).toEqual(image);
  expect(inputImagesOf({ image: 'https://a.example/1.png' })).toEqual(['https://a.example/1.png']);
  expect(inputImagesOf({})).toEqual([]);
});

describe('a server', () => {
  test('records the names of dropped parameters and passes unknown ones on', () => {
    const result = acceptRequest({
      model,
      prompt,
      quality: 'high',
      stream: false,
      user: null,
      color_palette: [{ hex: '#fff' }],
    });
    expect(result).toMatchObject({
      ok: true,
      value: { dropped: ['quality'], stream: false, extra: { color_palette: [{ hex: '#fff' }] } },
    });
  });

  test.each([null, 'text', 5, []])('refuses a body that is %j', (body) => {
    expect(acceptRequest(body)).toMatchObject({ ok: false });
  });
});
