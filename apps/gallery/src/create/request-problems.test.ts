import { encodeImage, type ImageRecipe } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { newDraft, type DraftInput, type FileInput } from './draft.ts';
import { checkFile } from './input-check.ts';
import { isConvertible, ruleOf } from './problem-words.ts';
import { isFaultless, problemsOfDraft, problemsOfParam } from './request-problems.ts';
import { newSettings, type Settings } from './settings.ts';

function problems(change: Partial<Settings>, inputs: readonly DraftInput[] = []) {
  return problemsOfDraft({ ...newDraft(), settings: { ...newSettings(), prompt: 'A shop', ...change }, inputs });
}

function urls(...all: readonly string[]): readonly DraftInput[] {
  return all.map((url, index) => ({
    key: `${index}`,
    kind: 'url',
    url,
    imageId: null,
    isOwn: false,
    width: null,
    height: null,
  }));
}

test('a complete form has no problem', () => {
  expect(isFaultless(problems({}))).toBe(true);
  expect(isFaultless(problems({}, urls('https://images.example/1.png')))).toBe(true);
});

test('the page has its own words for each rule that the form can break', () => {
  const input = urls('https://images.example/1.png');
  const { prompt } = problems({ prompt: ' ' }).fields;
  const cases = {
    promptEmpty: prompt,
    promptLong: problems({ prompt: '图'.repeat(5003) }).fields.prompt,
    sizeSmall: problems({ size: '700x700' }).fields.size,
    sizeLarge: problems({ size: '5000x5000' }).fields.size,
    sizeLargeInput: problems({ size: '3000x2000' }, input).fields.size,
    sizeLargeSet: problems({ size: '3000x2000', isSet: true }).fields.size,
    sizeRatio: problems({ size: '9000x1000' }).fields.size,
    sizeSpelling: problems({ size: 'x720' }).fields.size,
    seed: problems({ seed: 2 ** 31 }).fields.seed,
    imageCount: problems({}, urls(...Array.from({ length: 10 }, () => 'https://images.example/'))).fields.image,
    imageUrl: problems({}, urls('cat.png')).inputs.get('0'),
  };
  for (const [rule, message] of Object.entries(cases))
    expect([rule, ruleOf(message ?? '')?.rule]).toEqual([rule, rule]);
  expect(ruleOf(cases.promptLong ?? '')?.values).toEqual({ limit: 5000, surplus: 3 });
  expect(ruleOf('A rule of a later version')).toBeNull();
  // All that is wrong is said at once.
  expect(Object.keys(problems({ prompt: '', size: '10x2048' }).fields)).toEqual(['prompt', 'size']);
});

test('each way in which a file cannot be an input has its words, and what a conversion solves is known', async () => {
  const recipe = (change: Partial<ImageRecipe>) => encodeImage({ format: 'png', width: 300, height: 300, ...change });
  const files: Readonly<Record<string, Uint8Array>> = {
    imageSides: await recipe({ width: 100 }),
    imageRatio: await recipe({ width: 2410 }),
    imageAlpha: await recipe({ alpha: true }),
    imageFormat: new TextEncoder().encode('GIF89a, which is not allowed here'),
    imageCorrupt: (await recipe({})).subarray(0, 20),
    imageEmpty: new Uint8Array(),
    imageBytes: new Uint8Array(20 * 1024 * 1024 + 1),
  };
  for (const [rule, bytes] of Object.entries(files)) {
    const { problem, info } = await checkFile(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    expect([rule, ruleOf(problem ?? '')?.rule]).toEqual([rule, rule]);
    expect([rule, isConvertible(problem ?? '', info && Math.min(info.width, info.height))]).toEqual([
      rule,
      ['imageAlpha', 'imageFormat', 'imageBytes'].includes(rule),
    ]);
  }
});

test('a file that is too large is made smaller; one that is too small is not made larger', async () => {
  for (const [width, isSolved] of [
    [8008, true],
    [200, false],
  ] as const) {
    const bytes = await encodeImage({ format: 'jpeg', width, height: 1200 });
    const { problem } = await checkFile(new Blob([new Uint8Array(bytes)]));
    expect(isConvertible(problem ?? '', Math.min(width, 1200))).toBe(isSolved);
  }
});

test('a good file has no problem, and its size is known', async () => {
  const bytes = await encodeImage({ format: 'jpeg', width: 400, height: 300 });
  expect(await checkFile(new Blob([new Uint8Array(bytes)]))).toMatchObject({
    info: { format: 'jpeg', width: 400, height: 300 },
    problem: null,
  });
});

test('a problem stands at its input, also one that only the service found', () => {
  const file: FileInput = {
    key: 'file',
    kind: 'file',
    name: 'cat.png',
    mimeType: 'image/png',
    bytes: 10,
    width: null,
    height: null,
    problem: 'image is empty: send an image, or omit image.',
  };
  const inputs = [...urls('https://images.example/1.png'), file];
  expect([...problems({}, inputs).inputs.keys()]).toEqual(['file']);
  expect(problemsOfParam('image[0]', 'It is in the bin.', inputs)?.inputs.get('0')).toBe('It is in the bin.');
  expect(problemsOfParam('size', 'Too large.', inputs)?.fields.size).toBe('Too large.');
  expect(problemsOfParam('metadata', 'Too long.', inputs)).toBeNull();
});
