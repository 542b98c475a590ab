import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes the commit of the working tree: `node write-commit.ts <file> [folder]`, as `{"commit": "36cabfd21a0c"}`, with `-dirty` if files that
 * Git knows have been changed. Null where Git or the repository is missing, as in an archive of the sources. Not a part of what turbo
 * caches: the same sources may belong to any commit.
 */
const [file, folder = join(import.meta.dirname, '..')] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: node write-commit.ts <file> [folder]');
writeFileSync(file, `${JSON.stringify({ commit: commitOf(folder) })}\n`);

function commitOf(root: string): string | null {
  try {
    // Sources that were unpacked within another repository are not of its commit.
    if (realpathSync(git(root, 'rev-parse', '--show-toplevel')) !== realpathSync(root)) return null;
    return git(root, 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*');
  } catch {
    return null;
  }
}

function git(root: string, ...args: string[]): string {
  // A hook of Git sets variables for its own repository.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return execFileSync('git', args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
