import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type Simulator } from '@wan-image/simulator';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { freePorts } from './ports.ts';
import { startService, type Service } from '../service.ts';

interface HistoryBehind {
  readonly service: Service;
  /** The records of the service, newest first. */
  records(): Promise<readonly HistoryRecord[]>;
}

export interface SlowHistory extends HistoryBehind {
  /** Its upstream, which tells what was billed. */
  readonly upstream: Simulator;
}

export interface HistoryRecord {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
}

/** A history service that nobody reaches at its PUBLIC_URL, as behind a proxy that n8n is not behind. */
export async function startHidden(environment: Record<string, string>): Promise<Service & AsyncDisposable> {
  const [port] = await freePorts(1);
  const service = await startService({ ...environment, PORT: String(port), PUBLIC_URL: 'http://history.invalid' });
  // It prints its PUBLIC_URL.
  return Object.assign(service, { url: `http://127.0.0.1:${port}` });
}

/** A history service with an upstream that takes some time for each image. */
export async function startSlowHistory(latencyMs: number, adminKey: string): Promise<SlowHistory & AsyncDisposable> {
  const upstream = await startSimulator({ port: 0, latencyMs });
  try {
    const history = await startHistoryOf(upstream, adminKey);
    return disposable({ ...history, upstream }, async () => {
      await history[Symbol.asyncDispose]();
      await upstream.close();
    });
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

/** A history service with an upstream of the test. */
export async function startHistoryOf(
  upstream: { readonly url: string },
  adminKey: string,
  environment: Record<string, string> = {},
): Promise<HistoryBehind & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  try {
    const folder = resources.use(await temporaryFolder());
    const service = resources.use(
      await startHidden({
        DATA_DIR: folder.path,
        ADMIN_API_KEY: adminKey,
        UPSTREAM_BASE_URL: upstream.url,
        UPSTREAM_API_KEY: 'k',
        ...environment,
      }),
    );
    const records = async (): Promise<readonly HistoryRecord[]> => {
      const headers = { authorization: `Bearer ${adminKey}` };
      const response = await fetch(`${service.url}/v1/generations`, { headers });
      return ((await response.json()) as { data: HistoryRecord[] }).data;
    };
    return disposable({ service, records }, () => resources.disposeAsync());
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** Ends all connections of a proxy again and again, as one that allows each of them so much time. */
export function cutEvery(proxy: { cut(): void }, ms: number): AsyncDisposable {
  const ended = new AbortController();
  const cutting = (async () => {
    for (;;) {
      await sleep(ms, undefined, { signal: ended.signal });
      proxy.cut();
    }
  })().catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await cutting;
    },
  };
}
