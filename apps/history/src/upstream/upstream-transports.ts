import { createFetchTransport, TransportError, type FetchLike, type Transport } from '@wan-image/core';
import { Agent, fetch, type Dispatcher } from 'undici';
import { literalAddressProblem, publicLookup } from './address-guard.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export interface UpstreamTransports {
  readonly api: Transport;
  /** Result pictures: from any public host and from the upstream's own, nowhere private else. */
  readonly pictures: Transport;
  close(): Promise<void>;
}

/** undici gives up on headers and bodies after 300 s by default; the client's own limit is to decide, so these are off. */
export function createUpstreamTransports(baseUrl: string): UpstreamTransports {
  const patient = { headersTimeout: 0, bodyTimeout: 0 };
  const trusted = new Agent({ ...patient, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const guarded = new Agent({ ...patient, connect: { timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup } });
  const api = createFetchTransport(fetchOver(trusted));
  const strangers = createFetchTransport(fetchOver(guarded));
  const upstreamHost = new URL(baseUrl).host;
  return {
    api,
    async pictures(request) {
      const url = new URL(request.url);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusal(`${url.protocol} is no web address`);
      if (url.host === upstreamHost) return api(request);
      const problem = literalAddressProblem(url);
      if (problem !== null) throw refusal(problem);
      return strangers(request);
    },
    async close() {
      // Whoever needs an answer has it by now: `destroy` does not wait for a download that nobody reads.
      await Promise.all([trusted.destroy(), guarded.destroy()]);
    },
  };
}

function fetchOver(dispatcher: Dispatcher): FetchLike {
  return (url, init) => fetch(url, { ...init, dispatcher });
}

function refusal(why: string): TransportError {
  return new TransportError(`The picture's address is refused: ${why}`, false);
}
