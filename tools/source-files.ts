import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The root of the workspace. */
export const ROOT = dirname(import.meta.dirname);

/** A TypeScript file of a package; `path` is relative to the root of its sources, with `/` on every system. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The sources below a folder, without tests: nothing imports a test, and a test may reach for whatever it checks, so its imports say
 * nothing about the structure of the code.
 */
export async function readSources(root: string): Promise<readonly SourceFile[]> {
  const paths: string[] = [];
  for await (const path of glob('**/*.{ts,mts}', { cwd: root, exclude: isNoSource })) {
    if (!/\.test\.m?ts$/.test(path)) paths.push(path.replaceAll('\\', '/'));
  }
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

function isNoSource(name: string): boolean {
  return /(?:^|[\\/])(?:node_modules|dist)$/.test(name);
}

/** The folder of a file; the root of the sources is `.`. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '.' : path.slice(0, end);
}

/** The first folder of a path; `.` for a file in the root of the sources. */
export function topFolderOf(path: string): string {
  const [top = ''] = path.split('/');
  return top === path ? '.' : top;
}

const STRING_OR_COMMENT = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[^])*`|\/\*[^]*?\*\/|\/\/.*/g;

/** Code without its comments, in as many lines. A comment that talks about a statement is not one. */
export function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (token) =>
    token.startsWith('/*') || token.startsWith('//') ? token.replace(/[^\n]+/g, '') : token,
  );
}

/** The line of an offset, counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
