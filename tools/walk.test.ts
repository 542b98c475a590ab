import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { importsOf } from './import-graph.ts';
import { ROOT, type SourceFile } from './source-files.ts';

const MAX_LINES = 250;
const MAX_NAMES = 4;

interface Step {
  readonly path: string;
  readonly name: string;
}

let steps: readonly Step[] = [];
let files: readonly SourceFile[] = [];
beforeAll(async () => {
  steps = stepsOf(await readFile(join(ROOT, 'docs/architecture.md'), 'utf8'));
  files = await Promise.all(steps.map(async ({ path }) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
});

/** The rows of the table under "The walk of a prompt". */
function stepsOf(document: string): readonly Step[] {
  const [, section = ''] = document.split('## The walk of a prompt');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `(?<path>[^`]+)`\s*\|[^|]*\|(?<name>[^|]*)\|$/gm)].map(({ groups }) => ({
    path: groups?.['path'] ?? '',
    name: (groups?.['name'] ?? '').trim(),
  }));
}

/** Those of these paths that no other file of the list imports; the first of each package is reached by the package's name. */
function unreached(list: readonly SourceFile[]): readonly string[] {
  const reached = new Set(importsOf(list).map(({ to }) => to));
  const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/');
  const entered = new Set<string>();
  return list.flatMap(({ path }) => {
    const isFirst = !entered.has(packageOf(path));
    entered.add(packageOf(path));
    return isFirst || reached.has(path) ? [] : [path];
  });
}

/** Folders that the walk leaves and enters again. */
function enteredTwice(paths: readonly string[]): readonly string[] {
  const folders = paths.map((path) => posix.dirname(path)).filter((folder, at, all) => folder !== all[at - 1]);
  return folders.filter((folder, at) => folders.indexOf(folder) !== at);
}

test('begins at the controller and ends at the wire', () => {
  expect(steps.at(0)?.path).toBe('apps/history/src/gateway/generate.controller.ts');
  expect(steps.at(-1)?.path).toBe('packages/core/src/node/node-transport.ts');
});

test('each file is imported by another one of the walk', () => {
  // The transport is passed in by the entry point for Node, not imported by the client.
  expect(unreached(files)).toEqual(['packages/core/src/node/node-transport.ts']);
});

test('no folder is entered twice', () => {
  expect(enteredTwice(steps.map(({ path }) => path))).toEqual([]);
});

test('no file is longer than a reader takes', () => {
  const long = files.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('the request has few names', () => {
  const names = steps.map(({ name }) => name).filter((name) => name !== '');
  expect(names.length).toBeLessThanOrEqual(MAX_NAMES);
});

test('a file that nothing imports, and a folder that is left and entered again, are found', () => {
  const list = [
    { path: 'apps/a/x/one.ts', text: `import '../y/two.ts';` },
    { path: 'apps/a/y/two.ts', text: '' },
    { path: 'apps/a/x/three.ts', text: '' },
  ];
  expect(unreached(list)).toEqual(['apps/a/x/three.ts']);
  expect(enteredTwice(list.map(({ path }) => path))).toEqual(['apps/a/x']);
});
