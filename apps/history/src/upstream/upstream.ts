import { createClient, type Client } from '@wan-image/core';
import { startSimulator } from '@wan-image/simulator';
import type { Config } from '../config/config.ts';

/** For injection: the client is no class. */
export const UPSTREAM_CLIENT = Symbol('UPSTREAM_CLIENT');

/** Where images are made: the vendor, another host of the contract, or the simulator inside. */
export interface Upstream {
  readonly client: Client;
  /** Whether the images are simulated. */
  readonly simulated: boolean;
  readonly baseUrl: string;
  close(): Promise<void>;
}

export async function openUpstream(config: Pick<Config, 'upstream' | 'upstreamTimeoutMs'>): Promise<Upstream> {
  const simulator = config.upstream.kind === 'simulator' ? await startSimulator({ port: 0 }) : null;
  const { baseUrl, apiKey } =
    config.upstream.kind === 'remote' ? config.upstream : { baseUrl: simulator?.url ?? '', apiKey: 'simulator' };
  const client = createClient({ baseUrl, apiKey, timeoutMs: config.upstreamTimeoutMs });
  return {
    client,
    simulated: simulator !== null,
    baseUrl,
    async close() {
      await simulator?.close();
    },
  };
}
