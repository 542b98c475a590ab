import { requestFailure, type Transport } from '@wan-image/core/portable';
import { unsentFailure } from './unsent-failure.ts';

/** The only helper that n8n gives to the test of a credential. It knows neither the credential nor newer helpers. */
export type CredentialRequest = (options: object) => Promise<unknown>;

interface FullResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** A transport for small requests: their responses are in memory as a whole. */
export function createCredentialTransport(request: CredentialRequest): Transport {
  return async ({ method, url, headers, signal }) => {
    const options = {
      method,
      uri: url,
      headers: { ...headers },
      encoding: null,
      json: false,
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: false,
      timeout: TIMEOUT_MS,
    };
    signal.throwIfAborted();
    const response = (await request(options).catch((cause: unknown) => {
      throw unsentFailure(cause) ?? requestFailure(cause);
    })) as FullResponse;
    return { status: response.statusCode, headers: plain(response.headers), body: once(response.body) };
  };
}

const TIMEOUT_MS = 20_000;

async function* once(body: unknown): AsyncIterable<Uint8Array> {
  yield typeof body === 'string' ? Buffer.from(body) : (body as Uint8Array);
}

function plain(headers: FullResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
