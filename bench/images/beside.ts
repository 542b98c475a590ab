import { startHistory } from '../gateway/history-process.ts';
import { quantile } from '../support/report.ts';
import { HOSTILE, ordinary } from './hostile-files.ts';
import { generate, upload } from './requests.ts';
import type { Setup } from './setup.ts';

const CALLERS = 16;
const UPLOADS = 9;
const ROUNDS = 5;

/** The 99th percentile of 16 ordinary callers, while nine files of 20 MB are sent at once. */
export interface Beside {
  readonly round: number;
  readonly ordinaryMs: number;
  readonly hostileMs: number;
}

/** Hostile and ordinary files take turns in one process, so that both have the same machine. */
export async function besideUploads(setup: Setup): Promise<readonly Beside[]> {
  await using history = await startHistory(setup);
  const hostile = Object.values(HOSTILE).map((make) => make());
  const plain = ordinary();
  const runs: Beside[] = [];
  await p99Beside(history.url, [plain]);
  for (let round = 0; round < ROUNDS; round++) {
    const ordinaryMs = await p99Beside(history.url, Array<Buffer>(UPLOADS).fill(plain));
    const hostileMs = await p99Beside(
      history.url,
      Array.from({ length: UPLOADS }, (_, index) => hostile[index % hostile.length] ?? plain),
    );
    runs.push({ round, ordinaryMs, hostileMs });
  }
  return runs;
}

/** The callers begin with the uploads, and end when the last upload has ended. */
async function p99Beside(url: string, files: readonly Buffer[]): Promise<number> {
  const times: number[] = [];
  const ended = new AbortController();
  const call = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const started = performance.now();
      await generate(url, 'tiny');
      times.push(performance.now() - started);
    }
  };
  const callers = Array.from({ length: CALLERS }, call);
  await Promise.all(files.map((file) => upload(url, file, 'form')));
  ended.abort();
  await Promise.all(callers);
  return quantile(times, 0.99);
}
