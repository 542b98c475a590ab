import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 110 s. */
  readonly timeoutMs?: number;
}

/** What a command printed. Its environment is bare: of vitest's and pnpm's own variables, children know some. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 110_000 }: RunOptions = {},
): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const running = promisify(execFile)(command, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH, HOME, ...env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeoutMs,
  });
  // A command that asks something must not wait for an answer.
  running.child.stdin?.end();
  const { stdout } = await running.catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
  });
  return stdout;
}

/** Installs what a folder's lock file says, unless that stands there already. */
export async function installed(folder: string, options: Omit<RunOptions, 'cwd'> = {}): Promise<string> {
  const [wanted, found] = await Promise.all([
    readFile(join(folder, 'pnpm-lock.yaml'), 'utf8'),
    readFile(join(folder, 'node_modules/.pnpm/lock.yaml'), 'utf8').catch(() => null),
  ]);
  if (found !== wanted) await pnpm(['install', '--frozen-lockfile', '--prefer-offline'], folder, options);
  return folder;
}

/** The pnpm below which this runs. Only without one by npx, of which npm lets one at a time use its cache. */
export function pnpm(args: readonly string[], cwd: string, options: Omit<RunOptions, 'cwd'> = {}): Promise<string> {
  const either = 'if command -v pnpm >/dev/null; then exec pnpm "$@"; else exec npx --yes pnpm "$@"; fi';
  return run('bash', ['-c', either, 'pnpm', ...args], { ...options, cwd, env: { ...certificates(), ...options.env } });
}

/** Where a company's proxy signs for the registry, whoever asks it without its certificate waits until the time is over. */
function certificates(): Record<string, string> {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}
