import { createClient, type Client } from '@wan-image/core';
import { startSimulator } from '@wan-image/simulator';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { logUpstream } from './upstream-log.ts';

/** Injection token: the client is an interface, not a class. */
export const UPSTREAM_CLIENT = Symbol('UPSTREAM_CLIENT');

/** The service that generates the images: AnyFast, another host of the same API, or the embedded simulator. */
export interface Upstream {
  readonly client: Client;
  /** Whether the upstream is the embedded simulator. */
  readonly simulated: boolean;
  readonly baseUrl: string;
  /** Stops the simulator. Does nothing for a remote upstream. */
  close(): Promise<void>;
}

/** Creates the client of the upstream, which logs its calls. Starts the simulator if no upstream is configured. */
export async function openUpstream(
  config: Pick<Config, 'upstream' | 'upstreamTimeoutMs'>,
  logger: Logger,
): Promise<Upstream> {
  const simulator = config.upstream.kind === 'simulator' ? await startSimulator({ port: 0 }) : null;
  const { baseUrl, apiKey } =
    config.upstream.kind === 'remote' ? config.upstream : { baseUrl: simulator?.url ?? '', apiKey: 'simulator' };
  const client = createClient({ baseUrl, apiKey, timeoutMs: config.upstreamTimeoutMs, hooks: logUpstream(logger) });
  return {
    client,
    simulated: simulator !== null,
    baseUrl,
    async close() {
      await simulator?.close();
    },
  };
}
