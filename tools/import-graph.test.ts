import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderCycles, importsOf } from './import-graph.ts';
import { failuresOf } from './not-yet.ts';
import { readSources, ROOT, type SourceFile } from './source-files.ts';

const PACKAGES = [
  'apps/gallery/src',
  'apps/history/src',
  'packages/core/src',
  'packages/simulator/src',
  'packages/n8n-nodes-wan-image/nodes',
  'packages/testing/src',
  'bench',
  'e2e/support',
  'e2e/crash',
];

test.each(PACKAGES)('there are no cycles between the folders of %s', async (root) => {
  const files = await readSources(join(ROOT, root));
  const imports = importsOf(files);
  expect(imports).not.toEqual([]);
  expect(failuresOf(`no cycles between the folders of ${root}`, folderCycles(imports))).toEqual([]);
});

describe('the import graph', () => {
  const source = (path: string, ...lines: string[]): SourceFile => ({ path, text: `${lines.join('\n')}\n` });
  const targets = (...lines: string[]): readonly string[] =>
    importsOf([source('a/from.ts', ...lines), source('a/to.ts'), source('to.ts')]).map(({ to }) => to);

  test.each([
    [`import { a } from './to.ts';`],
    [`import type { A } from './to.ts';`],
    [`import './to.ts';`],
    [`export { a } from './to.ts';`],
    [`export type { A } from './to.ts';`],
    [`import a, {\n  b,\n  c as d,\n} from './to.ts';`],
    [`const load = () => import('./to.ts');`],
    [`let a: typeof import('./to.ts').a;`],
    [`import { a } from './to.js';`],
    [`import { a } from './to';`],
  ])('has the import of %s', (line) => {
    expect(targets(line)).toEqual(['a/to.ts']);
  });

  test('resolves a path that leads up', () => {
    expect(targets(`import { a } from '../to.ts';`)).toEqual(['to.ts']);
  });

  test.each([
    [`// import { a } from './to.ts';`],
    [`/* import { a } from './to.ts'; */`],
    [`test(\`import { a } from './to.ts';\`);`],
    [`export const path = './to.ts';`],
    [`import { a } from 'package';`],
    [`import data from './to.json' with { type: 'json' };`],
  ])('has no import of %s', (line) => {
    expect(targets(line)).toEqual([]);
  });

  test('names the line of an import', () => {
    const [one] = importsOf([source('a.ts', `/* a`, `b */`, `import './b.ts';`), source('b.ts')]);
    expect(one).toEqual({ from: 'a.ts', to: 'b.ts', line: 3 });
  });
});

describe('a cycle between folders', () => {
  const cyclesOf = (...imports: (readonly [from: string, to: string])[]): readonly string[] =>
    folderCycles(imports.map(([from, to]) => ({ from, to, line: 1 })));

  test('is found between two, though no file is in a cycle', () => {
    expect(cyclesOf(['a/1.ts', 'b/1.ts'], ['b/2.ts', 'a/2.ts'])).toEqual([
      'These folders import each other in a cycle: a, b\n  a/1.ts:1 imports b/1.ts\n  b/2.ts:1 imports a/2.ts',
    ]);
  });

  test('is found over several, and names only those in it', () => {
    const found = cyclesOf(['a/1.ts', 'b/1.ts'], ['b/1.ts', 'c/1.ts'], ['c/1.ts', 'a/2.ts'], ['c/1.ts', 'd/1.ts']);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('cycle: a, b, c\n');
  });

  test('is found between a folder and the folder that it lies in', () => {
    expect(cyclesOf(['a/1.ts', 'a/b/1.ts'], ['a/b/1.ts', 'a/2.ts'])[0]).toContain('cycle: a, a/b\n');
  });

  test('is found with the root of the sources', () => {
    expect(cyclesOf(['index.ts', 'a/1.ts'], ['a/1.ts', 'types.ts'])[0]).toContain('cycle: ., a\n');
  });

  test('is told apart from another', () => {
    expect(
      cyclesOf(
        ['a/1.ts', 'b/1.ts'],
        ['b/1.ts', 'a/1.ts'],
        ['b/1.ts', 'c/1.ts'],
        ['c/1.ts', 'd/1.ts'],
        ['d/1.ts', 'c/1.ts'],
      ),
    ).toHaveLength(2);
  });

  test('is neither a folder that two import nor files of one folder that import each other', () => {
    expect(cyclesOf(['a/1.ts', 'c/1.ts'], ['b/1.ts', 'c/1.ts'], ['a/1.ts', 'b/1.ts'])).toEqual([]);
    expect(cyclesOf(['a/1.ts', 'a/2.ts'], ['a/2.ts', 'a/1.ts'])).toEqual([]);
  });
});
