import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** Starts a script in its own process and resolves with the line of JSON that it prints when it is ready. */
export async function startScript<Ready>(path: string): Promise<Ready & AsyncDisposable> {
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const first = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const ended = exited.then(() => Promise.reject(new Error(`${path} ended before it was ready`)));
  // Awaited only in the race: without this, an end after it would be an unhandled rejection.
  ended.catch(() => undefined);
  const [line] = await Promise.race([first, ended]);
  return Object.assign(JSON.parse(line) as Ready & object, {
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  });
}

/** Runs Node to its end and returns what it printed. */
export async function runNode(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const [output, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code ?? signal}:\n${errors}`);
  return output;
}
