import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { installed, run } from './run.ts';

interface ScanResult {
  readonly passed: boolean;
  readonly message?: string;
  readonly details?: string;
}

interface LintFinding {
  readonly severity: 'error' | 'warning';
  /** File and line. */
  readonly where: string;
  readonly rule: string | null;
  readonly message: string;
}

interface LintResult {
  /** Whether `n8n-node lint` succeeded. */
  readonly passed: boolean;
  /** The output of the command. */
  readonly output: string;
  /** The files that were linted. */
  readonly files: readonly string[];
  /** Errors and warnings, including those that a comment disables: n8n's scan ignores such comments. */
  readonly findings: readonly LintFinding[];
}

const FOLDER = join(import.meta.dirname, '../n8n-rules');

/** n8n's own scan of an unpacked package. It finds nothing in a folder below `node_modules`. */
export function scanForN8n(packageFolder: string): Promise<ScanResult> {
  return scan(packageFolder, 'packed');
}

/** n8n's own scan of the sources of a package. n8n takes them from the commit in the provenance. */
export function scanSourceForN8n(packageFolder: string): Promise<ScanResult> {
  return scan(packageFolder, 'source');
}

/** n8n's own linter, `n8n-node lint`, on the sources of a package. Packages of this workspace that it imports have to be built. */
export async function lintForN8n(packageFolder: string): Promise<LintResult> {
  await installed(FOLDER);
  await using stage = await temporaryFolder();
  const copy = join(stage.path, 'packages', basename(packageFolder));
  const base = join(packageFolder, '../../tsconfig.base.json');
  if (existsSync(base)) await cp(base, join(stage.path, 'tsconfig.base.json'));
  await cp(packageFolder, copy, { recursive: true, filter: (path) => !NOT_SOURCES.has(basename(path)) });
  await linkModules(join(packageFolder, 'node_modules'), join(copy, 'node_modules'));
  await linkLinter(join(copy, 'node_modules'));
  return JSON.parse(
    await run(process.execPath, [join(FOLDER, 'lint.js')], { cwd: copy, env: { CI: 'true' } }),
  ) as LintResult;
}

const NOT_SOURCES = new Set(['node_modules', 'dist', '.turbo']);

async function scan(packageFolder: string, kind: 'packed' | 'source'): Promise<ScanResult> {
  await installed(FOLDER);
  return JSON.parse(await run(process.execPath, [join(FOLDER, 'scan.js'), packageFolder, kind])) as ScanResult;
}

/** The linter has to resolve the imports of the sources. A copy of the links allows to add the linter without changing the workspace. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) await linkModules(join(from, name), join(to, name));
    else await symlink(await realpath(join(from, name)), join(to, name));
  }
}

/** Links `@n8n/node-cli`, which the configuration imports, and below `.bin` its ESLint, which it runs by `npm exec`. */
async function linkLinter(modules: string): Promise<void> {
  const tool = await realpath(join(FOLDER, 'node_modules/@n8n/node-cli'));
  const eslint = dirname(createRequire(join(tool, 'package.json')).resolve('eslint/package.json'));
  await mkdir(join(modules, '@n8n'), { recursive: true });
  await mkdir(join(modules, '.bin'));
  await symlink(tool, join(modules, '@n8n/node-cli'));
  await symlink(join(eslint, 'bin/eslint.js'), join(modules, '.bin/eslint'));
}
