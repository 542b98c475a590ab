import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { disposable } from '@wan-image/testing/resource';

/** Loopback addresses are private. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "UPSTREAM", fromEnvironment = "UPSTREAM")],
);
`;

/** Runs a bundled `worker.js` in workerd, the runtime of Cloudflare Workers. */
export async function startWorker(
  workerd: string,
  worker: string,
  upstream: string,
): Promise<{ url: string } & AsyncDisposable> {
  const config = join(dirname(worker), 'config.capnp');
  await writeFile(config, CONFIG);
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    env: { UPSTREAM: upstream },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const ended = once(child, 'exit');
  const control = child.stdio[3] as Readable; // a pipe, see `stdio`
  const listening = once(control, 'data') as Promise<[Buffer]>;
  const first = await Promise.race([listening, ended.then(() => null)]);
  if (first === null) throw new Error(`workerd exited with ${child.exitCode}.`);
  const { port } = JSON.parse(first[0].toString()) as { port: number };
  return disposable({ url: `http://127.0.0.1:${port}` }, async () => {
    child.kill('SIGKILL');
    await ended;
  });
}
