import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { QUIET } from './environment.ts';
import { n8nHost, type N8nHost } from './host.ts';
import { PACKAGE_NAME, unpack } from './node-package.ts';
import { freePorts } from './ports.ts';
import { openRest, type N8nRest, type Owner } from './rest.ts';

export interface ServerOptions {
  /** The tarball of the node, from `packedNode`. Default: n8n without it. */
  readonly tarball?: string;
  readonly packageName?: string;
  readonly port?: number;
  /** Variables that n8n reads, such as N8N_DEFAULT_BINARY_DATA_MODE. */
  readonly environment?: Readonly<Record<string, string>>;
  /** n8n's user folder, which is then not removed. Default: a temporary one. */
  readonly folder?: string;
}

export interface N8nServer extends N8nRest {
  readonly url: string;
  readonly pid: number;
  readonly bootMs: number;
  /** The login for a browser. */
  readonly owner: Owner;
  /** Its output so far. */
  readonly log: () => string;
}

const OWNER: Owner = { email: 'owner@example.com', password: 'Wan-image-2.7' };
/** On a busy machine it takes two minutes. */
const BOOT_MS = 300_000;
const STOP_MS = 10_000;

/** The real n8n as a separate process, with the package where n8n's installer would put it, ready and logged in. */
export async function startN8n(options: ServerOptions = {}): Promise<N8nServer & AsyncDisposable> {
  const host = await n8nHost();
  const temporary = options.folder === undefined ? await temporaryFolder() : undefined;
  const folder = options.folder ?? temporary?.path ?? '';
  const remove = async (): Promise<void> => temporary?.[Symbol.asyncDispose]();
  try {
    const nodes = join(folder, '.n8n/nodes/node_modules');
    if (options.tarball !== undefined) await unpack(options.tarball, join(nodes, options.packageName ?? PACKAGE_NAME));
    const server = await start(host, folder, options);
    return disposable(server, async () => {
      await stop(server.child);
      await remove();
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

async function start(
  host: N8nHost,
  folder: string,
  options: ServerOptions,
): Promise<N8nServer & { child: ChildProcess }> {
  const [free = 0, broker = 0] = await freePorts(2);
  const port = options.port ?? free;
  const began = Date.now();
  // n8n reads a `.env` of its working directory.
  await mkdir(folder, { recursive: true });
  const child = spawn(host.binary, ['start'], {
    cwd: folder,
    env: environmentOf(host, folder, [port, broker], options),
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(String(chunk)));
  const log = (): string => printed.join('');
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url, child, log);
    const bootMs = Date.now() - began;
    const rest = await openRest(url, OWNER);
    return { ...rest, url, pid: child.pid ?? 0, bootMs, owner: OWNER, log, child };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function environmentOf(
  host: N8nHost,
  folder: string,
  [port, broker]: readonly [number, number],
  { environment }: ServerOptions,
): Record<string, string> {
  const bcrypt = host.require('bcryptjs') as { hashSync(password: string, rounds: number): string };
  return {
    ...QUIET,
    // n8n starts its task runner as `node`, which must be the Node that n8n needs.
    PATH: `${host.binaries}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    DB_TYPE: 'sqlite',
    N8N_USER_FOLDER: folder,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_RUNNERS_BROKER_PORT: String(broker),
    N8N_SECURE_COOKIE: 'false',
    N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
    N8N_INSTANCE_OWNER_EMAIL: OWNER.email,
    N8N_INSTANCE_OWNER_FIRST_NAME: 'Wan',
    N8N_INSTANCE_OWNER_LAST_NAME: 'Image',
    N8N_INSTANCE_OWNER_PASSWORD_HASH: bcrypt.hashSync(OWNER.password, 10),
    ...environment,
  };
}

async function ready(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const end = Date.now() + BOOT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`n8n ended with ${child.exitCode}:\n${log()}`);
    const response = await fetch(`${url}/healthz/readiness`).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    if (Date.now() > end) throw new Error(`n8n was not ready in time:\n${log()}`);
    await sleep(100);
  }
}

/** SIGTERM, because n8n then ends its task runner itself. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = new AbortController();
  const waited = sleep(STOP_MS, 'late', { signal: late.signal }).catch(() => 'ended');
  if ((await Promise.race([ended, waited])) === 'late') child.kill('SIGKILL');
  late.abort();
  await ended;
}
