import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@wan-image/testing/postgres';

/** A gateway in its own process. */
export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to its first response. */
  readonly readyMs: number;
}

export interface Launch {
  /** Of Node. */
  readonly options?: readonly string[];
  readonly script: string;
  readonly argumentsFor: (port: number) => readonly string[];
  readonly environmentFor: (port: number) => Readonly<Record<string, string>>;
  /** Responds with 200 as soon as the gateway can serve. */
  readonly readyPath: string;
  /** For its log. It goes to a file, because reading a pipe would be work for the process that measures. */
  readonly folder: string;
}

const READY_LIMIT_MS = 60_000;

export async function startGateway(launch: Launch): Promise<GatewayProcess> {
  const port = await freePort();
  const log = await open(join(launch.folder, `gateway-${port}.log`), 'w');
  const started = performance.now();
  const child = spawn(process.execPath, [...(launch.options ?? []), launch.script, ...launch.argumentsFor(port)], {
    cwd: launch.folder,
    env: { PATH: process.env['PATH'] ?? '', ...launch.environmentFor(port) },
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, `${url}${launch.readyPath}`);
  const readyMs = performance.now() - started;
  return { url, pid: child.pid ?? 0, readyMs, [Symbol.asyncDispose]: () => end(child) };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const limit = performance.now() + READY_LIMIT_MS;
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`);
    if (performance.now() > limit) throw new Error(`${url} was not ready in time`);
    await sleep(5);
  }
}

/** Null when nothing listens. */
function statusOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    }).on('error', () => resolve(null));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
