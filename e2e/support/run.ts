import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 4 minutes: a limit that only a hang reaches, also on a busy machine. */
  readonly timeoutMs?: number;
}

/** Runs a command and returns its output. The environment is minimal, because children react to variables of vitest and pnpm. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 240_000 }: RunOptions = {},
): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const running = promisify(execFile)(command, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH, HOME, ...certificates(), ...env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeoutMs,
  });
  // A command that prompts must not wait for input.
  running.child.stdin?.end();
  const { stdout } = await running.catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
  });
  return stdout;
}

/** Installs a folder from its lockfile, unless that is done already. */
export async function installed(folder: string, options: Omit<RunOptions, 'cwd'> = {}): Promise<string> {
  const [wanted, existing] = await Promise.all([
    readFile(join(folder, 'pnpm-lock.yaml'), 'utf8'),
    readFile(join(folder, 'node_modules/.pnpm/lock.yaml'), 'utf8').catch(() => null),
  ]);
  if (existing !== wanted) await pnpm(['install', '--frozen-lockfile', '--prefer-offline'], folder, options);
  return folder;
}

/** Runs the pnpm that runs this. Only when there is none through npx, because npm locks its cache. */
export function pnpm(args: readonly string[], cwd: string, options: Omit<RunOptions, 'cwd'> = {}): Promise<string> {
  const either = 'if command -v pnpm >/dev/null; then exec pnpm "$@"; else exec npx --yes pnpm "$@"; fi';
  return run('bash', ['-c', either, 'pnpm', ...args], { ...options, cwd });
}

/** Behind a proxy that signs for the registry, a request without its certificate waits until it times out. */
function certificates(): Record<string, string> {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}
