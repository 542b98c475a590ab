import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const RESULTS = join(import.meta.dirname, '../results');

/** Stores every measurement of a bench and returns the path of the file. */
export async function store(
  bench: string,
  all: Readonly<Record<string, unknown>> & { readonly started: string },
): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${bench}-${all.started.replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(all, null, 1)}\n`);
  return file;
}

/** A temporary folder beside the results: one of the system may lie in memory, and would count as memory of the machine. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(RESULTS, { recursive: true });
  const folder = await mkdtemp(join(RESULTS, 'tmp-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function print(text: string): void {
  process.stdout.write(text);
}
