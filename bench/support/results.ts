import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const RESULTS = join(import.meta.dirname, '../results');

/** Keeps everything that a bench saw and returns the file. */
export async function keep(
  bench: string,
  all: Readonly<Record<string, unknown>> & { readonly started: string },
): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${bench}-${all.started.replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(all, null, 1)}\n`);
  return file;
}

/** Gives a folder on the disk that the results are on: a temporary folder in memory would count as the machine's. */
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
