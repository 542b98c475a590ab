import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OWN_ROOT } from './history-process.ts';

/** History as it was at a commit, built in a worktree of its own. */
export interface OldBuild extends AsyncDisposable {
  readonly root: string;
  /** Of the commit, abbreviated. */
  readonly commit: string;
}

const run = promisify(execFile);

/** Takes the installation and the build of a workspace: a minute or two. Throws for an unknown commit. */
export async function buildOf(commit: string): Promise<OldBuild> {
  const hash = await revisionOf(commit);
  const folder = await mkdtemp(join(tmpdir(), 'wan-image-bench-'));
  const root = join(folder, 'workspace');
  // A signal ends the process without its disposals, and Git would keep the worktree in its list.
  const onSignal = (): void => {
    rmSync(folder, { recursive: true, force: true });
    execFileSync('git', ['worktree', 'prune'], { cwd: OWN_ROOT });
    process.exit(1);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const remove = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await rm(folder, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], { cwd: OWN_ROOT });
  };
  try {
    await run('git', ['worktree', 'add', '--detach', root, hash], { cwd: OWN_ROOT });
    await pnpm(root, ['install', '--frozen-lockfile']);
    await pnpm(root, ['exec', 'turbo', 'run', 'build', '--filter=@wan-image/history...', '--output-logs=errors-only']);
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, commit: hash.slice(0, 7), [Symbol.asyncDispose]: remove };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function revisionOf(commit: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`], {
      cwd: OWN_ROOT,
    });
    return stdout.trim();
  } catch (cause) {
    throw new Error(`--against: "${commit}" is not a commit of this repository`, { cause });
  }
}

/**
 * Runs the pnpm that runs this bench, without the variables that it has set for itself. Through npx only when there is none: npm locks its
 * cache while an outer npx runs.
 */
async function pnpm(cwd: string, args: readonly string[]): Promise<void> {
  const either = 'if command -v pnpm >/dev/null; then exec pnpm "$@"; else exec npx --yes pnpm "$@"; fi';
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm|pnpm|turbo)_/i.test(name)));
  try {
    await run('bash', ['-c', either, 'pnpm', ...args], { cwd, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout: string; stderr: string };
    throw new Error(`pnpm ${args.join(' ')} failed in the worktree:\n${stdout}${stderr}`, { cause });
  }
}
