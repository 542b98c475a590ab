import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { disposable } from '@wan-image/testing/resource';

const ROOT = join(import.meta.dirname, '../..');

/** In what a service prints when it listens. */
const READY = /wan-image history listens on (http:[^\s"]+)/;

export interface Service {
  /** The output so far. */
  readonly output: () => string;
  readonly url: string;
  /** Sends a message to the module that was loaded before the service, and waits for the confirmation. */
  ask(message: object): Promise<void>;
  /** Resolves when the process has exited. */
  readonly exited: Promise<void>;
  /** Sends a signal and waits until the process has exited. Returns its exit code; null when the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the built history service in its own process and waits until it serves. `options` are those of Node. */
export function startService(
  environment: Record<string, string>,
  options: readonly string[] = [],
): Promise<Service & AsyncDisposable> {
  return startProcess([...options, 'apps/history/dist/main.js'], environment, READY);
}

/** Starts it in a pseudo-terminal, as a person does. Linux only: elsewhere the program for that has other options. */
export function startInTerminal(environment: Record<string, string>): Promise<Service & AsyncDisposable> {
  const command = `exec ${process.execPath} apps/history/dist/main.js`;
  return startProcess(['-qfec', command, '/dev/null'], environment, READY, 'script');
}

/** Starts the built simulator in its own process. */
export function startSimulatorProcess(args: readonly string[]): Promise<Service & AsyncDisposable> {
  return startProcess(['packages/simulator/dist/bin.js', ...args], {}, /listens on (http:\S+)/);
}

async function startProcess(
  args: readonly string[],
  environment: Record<string, string>,
  ready: RegExp,
  program = process.execPath,
): Promise<Service & AsyncDisposable> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...(args.includes('--import') ? (['ipc'] as const) : [])],
  });
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const output = (): string => printed.join('');
  const url = await addressOf(child, output, ready);
  const kill = (signal: NodeJS.Signals): Promise<number | null> => end(child, signal);
  const ask = async (message: object): Promise<void> => {
    const confirmed = once(child, 'message');
    child.send(message);
    await confirmed;
  };
  return disposable({ output, url, kill, ask, exited }, () => kill('SIGKILL'));
}

async function addressOf(child: ChildProcess, output: () => string, ready: RegExp): Promise<string> {
  for (;;) {
    const url = ready.exec(output())?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`The process exited with ${child.exitCode}:\n${output()}`);
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
