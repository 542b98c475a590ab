import { createHistoryClient, type GenerationRecord } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startService, startSimulatorProcess } from './service.ts';
import { simulatorCalls, type SimulatorCalls } from './simulator-calls.ts';

/** The service in front of a simulator whose calls a test can read. */
export interface Gateway {
  readonly url: string;
  /** Base URL for SDKs of OpenAI. */
  readonly v1: string;
  /** Oldest first. */
  calls(): Promise<SimulatorCalls['data']>;
  forgetCalls(): Promise<void>;
  record(id: string): Promise<GenerationRecord>;
  /** The record of the last generation. */
  lastRecord(): Promise<GenerationRecord>;
}

export const KEY = 'admin-key-of-tests';

export async function startGateway(settings: Record<string, string> = {}): Promise<Gateway & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const simulator = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '0']));
  const environment = { DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: KEY };
  const upstream = { UPSTREAM_BASE_URL: simulator.url, UPSTREAM_API_KEY: 'k' };
  const { url } = resources.use(await startService({ ...environment, ...upstream, ...settings }));
  const history = createHistoryClient({ baseUrl: url, apiKey: KEY });
  return {
    url,
    v1: `${url}/v1`,
    calls: async () => (await simulatorCalls(simulator.url)).data,
    forgetCalls: async () => void (await fetch(`${simulator.url}/simulator/calls`, { method: 'DELETE' })),
    record: (id) => history.get(id),
    async lastRecord() {
      const [last] = (await history.page({ limit: 1 })).data;
      if (last === undefined) throw new Error('There is no generation yet');
      return last;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
