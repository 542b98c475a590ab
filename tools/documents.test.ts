import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = dirname(import.meta.dirname);
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

describe.each(['README.md', 'README.zh-CN.md'])('%s', (readme) => {
  test('lists exactly the settings that the service reads', async () => {
    const listed = matches(await read(readme), /^\| `([A-Z_]+)`/gm);
    const known = matches(await read('apps/history/src/config/config.ts'), /settings\.\w+\('([A-Z_]+)'/g);
    expect(listed.toSorted()).toEqual([...new Set(known)].toSorted());
  });

  test('lists every package and app', async () => {
    const text = await read(readme);
    for (const path of [
      'packages/core',
      'packages/n8n-nodes-wan-image',
      'packages/simulator',
      'packages/testing',
      'apps/gallery',
      'apps/history',
      'e2e',
      'bench',
      'examples',
    ]) {
      const { name } = JSON.parse(await read(`${path}/package.json`)) as { name: string };
      expect(text).toContain(`\`${name}\``);
    }
  });
});

test('the two READMEs have the same code, tables and sections', async () => {
  const [english, chinese] = await Promise.all([read('README.md'), read('README.zh-CN.md')]);
  const code = (text: string): string[] => matches(text, /```(?:ts|js|py|json)\n([^]*?)```/g);
  const commands = (text: string): string[] => matches(text, /^((?:npx|curl) [^#\n]*)/gm).map((line) => line.trim());
  const shape = (text: string): string[] => matches(text, /^(#+|\|)(?= )/gm);
  expect(code(chinese)).toEqual(code(english));
  expect(commands(chinese)).toEqual(commands(english));
  expect(shape(chinese)).toEqual(shape(english));
});

describe.each(['operations.md', 'history.md', 'gallery.md'])('docs/%s and its Chinese version', (name) => {
  const sections = async (path: string): Promise<string[]> => (await read(path)).split(/^(?=## )/m);
  const blocks = (text: string): string[] => matches(text, /```\w*\n([^]*?)```/g);
  const withoutBlocks = (text: string): string => text.replace(/```[^]*?```/g, '');
  /** Headings, items and rows in their order. */
  const shape = (text: string): string[] => matches(withoutBlocks(text), /^(#+|- |\|)/gm);
  /** Placeholders such as `<id of the signing key>` are translated. */
  const codes = (text: string): string[] =>
    [...new Set(matches(withoutBlocks(text), /`([^`]+)`/g).map((code) => code.replace(/<[^>]*>/g, '<>')))].toSorted();
  const SCALES: Readonly<Record<string, number>> = { million: 1_000_000, 万: 10_000 };
  const numbers = (text: string): number[] => {
    const prose = withoutBlocks(text).replace(/`[^`]+`|\]\([^)]+\)/g, ' ');
    const found = [...prose.matchAll(/(\d+(?:[.,]\d+)*)(?: ?(million|万))?/g)].map(
      ([, digits = '', scale = '']) => Number(digits.replaceAll(',', '')) * (SCALES[scale] ?? 1),
    );
    return [...new Set(found)].toSorted((one, other) => one - other);
  };

  test.each<[string, (text: string) => readonly unknown[]]>([
    ['the same headings, items and tables', shape],
    ['the same commands and requests', blocks],
    ['the same settings, routes, fields and codes', codes],
    ['the same numbers', numbers],
  ])('have %s in each section', async (_what, of) => {
    const [english, chinese] = await Promise.all([sections(`docs/${name}`), sections(`docs/zh/${name}`)]);
    expect(chinese).toHaveLength(english.length);
    for (const [index, section] of english.entries()) {
      const title = section.split('\n', 1)[0];
      expect([title, of(chinese[index] ?? '')]).toEqual([title, of(section)]);
    }
  });

  test('link to each other', async () => {
    expect(await read(`docs/${name}`)).toContain(`](zh/${name})`);
    expect(await read(`docs/zh/${name}`)).toContain(`](../${name})`);
  });
});

test('every command in a document is one that runs without a question: npx asks or stops where its `yes` is off', async () => {
  const inDocs = (await readdir(join(ROOT, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md'));
  // A file of each folder, so that a search that misses one fails.
  expect(inDocs).toEqual(
    expect.arrayContaining(['gallery.md', join('zh', 'gallery.md'), join('decisions', 'README.md')]),
  );
  const documents = [
    'README.md',
    'README.zh-CN.md',
    'CONTRIBUTING.md',
    'packages/core/README.md',
    'packages/simulator/README.md',
    'packages/n8n-nodes-wan-image/README.md',
    ...inDocs.map((name) => join('docs', name)),
  ];
  for (const path of documents) expect([path, matches(await read(path), /(npx (?!-y )\S+)/g)]).toEqual([path, []]);
});

test('CONTRIBUTING lists exactly the scripts of the workspace', async () => {
  const listed = matches(await read('CONTRIBUTING.md'), /^\| `npx -y pnpm ([\w:-]+)/gm);
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  expect([...new Set(listed)].toSorted()).toEqual(Object.keys(scripts).toSorted());
});

describe('the manual of core', () => {
  const source = (path: string): Promise<string> => read(`packages/core/src/${path}`);
  const fieldsOf = (text: string, name: string): string[] =>
    matches(new RegExp(`interface ${name} [^{]*{([^]*?)\\n}`).exec(text)?.[1] ?? '', /^ {2}readonly (\w+)/gm);
  const rowsOf = (manual: string, heading: string): string[] => {
    const table = manual.split('\n\n').find((block) => block.startsWith(`| ${heading}`)) ?? '';
    return table
      .split('\n')
      .slice(2)
      .flatMap((row) => matches(row.split('|')[1] ?? '', /`(\w+)/g));
  };

  test.each([
    ['`createClient`', 'client/client-options.ts', ['CommonOptions', 'ClientOptions']],
    ['`retry`', 'protocol/retry-policy.ts', ['RetryPolicy']],
  ])('has exactly the options of %s', async (heading, file, names) => {
    const listed = rowsOf(await read('packages/core/README.md'), heading);
    const text = await source(file);
    expect(listed.toSorted()).toEqual(names.flatMap((name) => fieldsOf(text, name)).toSorted());
  });

  test('has exactly the kinds of error', async () => {
    const kinds = matches(await source('errors/wan-image-error.ts'), /^ {2}\| '(\w+)'/gm);
    expect(rowsOf(await read('packages/core/README.md'), '`kind`')).toEqual(kinds);
  });
});
