import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { disposable } from '@wan-image/testing/resource';

const ROOT = join(import.meta.dirname, '../..');

export interface Service {
  /** What it printed so far. */
  readonly output: () => string;
  readonly url: string;
  /** Says something to what was loaded before it, and waits for the answer. */
  ask(message: object): Promise<void>;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  /** Ends it with a signal and waits until it is gone. Returns its exit code; null where the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** The built history service as a process of its own, ready to serve; with options of Node, such as a module that is loaded before it. */
export function startService(
  environment: Record<string, string>,
  options: readonly string[] = [],
): Promise<Service & AsyncDisposable> {
  return startProcess(
    [...options, 'apps/history/dist/main.js'],
    environment,
    /wan-image history listens on (http:[^\s"]+)/,
  );
}

/** The built simulator as a process of its own. */
export function startSimulatorProcess(args: readonly string[]): Promise<Service & AsyncDisposable> {
  return startProcess(['packages/simulator/dist/bin.js', ...args], {}, /listens on (http:\S+)/);
}

async function startProcess(
  args: readonly string[],
  environment: Record<string, string>,
  ready: RegExp,
): Promise<Service & AsyncDisposable> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...(args.includes('--import') ? (['ipc'] as const) : [])],
  });
  const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const output = (): string => printed.join('');
  const url = await addressOf(child, output, ready);
  const kill = (signal: NodeJS.Signals): Promise<number | null> => end(child, signal);
  const ask = async (message: object): Promise<void> => {
    const responded = once(child, 'message');
    child.send(message);
    await responded;
  };
  return disposable({ output, url, kill, ask, gone }, () => kill('SIGKILL'));
}

async function addressOf(child: ChildProcess, output: () => string, ready: RegExp): Promise<string> {
  for (;;) {
    const url = ready.exec(output())?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${output()}`);
    await Promise.race([once(child.stdout ?? child, 'data'), once(child.stderr ?? child, 'data'), once(child, 'exit')]);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}
