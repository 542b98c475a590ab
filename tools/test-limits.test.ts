import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasteOf, missingLimits } from './test-limits.ts';
import { ROOT } from './source-files.ts';

async function filesOf(pattern: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const paths: string[] = [];
  const exclude = (name: string): boolean => /(?:^|[\\/])(?:node_modules|dist)$/.test(name);
  for await (const path of glob(pattern, { cwd: ROOT, exclude })) paths.push(path);
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

describe('a slow machine fails no test', () => {
  test('every configuration of vitest sets limits that only a hang reaches', async () => {
    const configs = await filesOf('{apps,packages,e2e,tools}/**/{vitest*,*.config}.{ts,mts}');
    const ofTests = configs.filter(({ text }) => /from 'vitest\/config'/.test(text) && text.includes('defineConfig('));
    expect(ofTests.length).toBeGreaterThanOrEqual(8);
    expect(ofTests.flatMap(({ path, text }) => missingLimits(text).map((limit) => `${path}: ${limit}`))).toEqual([]);
  });

  test('no test asserts a duration, or waits for less than its configuration does', async () => {
    const tests = await filesOf('{apps,packages,e2e,tools}/**/*.test.{ts,mts}');
    expect(tests.length).toBeGreaterThan(100);
    const others = tests.filter(({ path }) => path !== 'tools/test-limits.test.ts');
    expect(others.flatMap(({ path, text }) => hasteOf(text).map((line) => `${path}, ${line}`))).toEqual([]);
  });
});

describe('what is found', () => {
  test.each([
    ['await expect.poll(count, { timeout: 5000 }).toBe(1);', /waits/],
    ['await expect\n  .poll(() => count(), { interval: 10, timeout: 10_000 })\n  .toBe(1);', /waits/],
    ['await vi.waitFor(() => ready());', /second/],
    ['await vi.waitUntil(() => ready(), { interval: 5 });', /second/],
    ['await page.waitForFunction(ready, null, { timeout: 900 });', /waits/],
    ['expect(performance.now() - began).toBeLessThan(500);', /duration/],
    ['expect(Date.now() - began).toBeGreaterThanOrEqual(100);', /duration/],
    ['expect(record.duration_ms).toBeGreaterThan(90);', /duration/],
  ])('%s', (code, problem) => {
    expect(hasteOf(code)).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    'await expect.poll(count).toBe(1);',
    'await expect.poll(count, { timeout: 60_000 }).toBe(1);',
    'await page.waitForFunction(ready, null, { timeout: 0 });',
    "new OpenAI({ apiKey: 'k', timeout: 2000 });",
    'expect(sizes.length).toBeLessThan(30);',
    '// expect(performance.now() - began).toBeLessThan(500);',
  ])('not: %s', (code) => {
    expect(hasteOf(code)).toEqual([]);
  });

  test('a configuration without limits lacks all three', () => {
    expect(missingLimits("test: { include: ['*.test.ts'] }")).toHaveLength(3);
    expect(missingLimits('testTimeout: 5_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } }')).toEqual([
      'testTimeout is not at least 180000',
    ]);
  });
});
