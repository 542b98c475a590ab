import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSES, type ResponseName } from './responses.ts';
import type { Side } from './sides.ts';

export type Format = 'url' | 'b64_json';

export interface Call {
  readonly response: ResponseName;
  readonly format: Format;
  /** How fast the response is read; unlimited when absent. */
  readonly bytesPerSecond?: number;
}

/** Keeps its connections open, as SDKs do. */
export class Caller implements Disposable {
  readonly #side: Side;
  readonly #agent: Agent;

  constructor(side: Side, connections: number) {
    this.#side = side;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** One generation, to the last byte of its response. Returns its duration in milliseconds and the size of the body in bytes. */
  async call(call: Call): Promise<{ readonly ms: number; readonly bytes: number }> {
    const started = performance.now();
    const response = await this.#post({
      model: 'wan2.7-image',
      prompt: RESPONSES[call.response].prompt,
      response_format: call.format,
    });
    const bytes = await readAll(response, call.bytesPerSecond);
    if (response.statusCode !== 200) throw new Error(`${this.#side.name} responded with ${response.statusCode}`);
    return { ms: performance.now() - started, bytes };
  }

  #post(body: object): Promise<IncomingMessage> {
    const text = Buffer.from(JSON.stringify(body));
    const headers = { ...this.#side.headers, 'content-type': 'application/json', 'content-length': text.length };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, headers };
      request(`${this.#side.url}/v1/images/generations`, options, resolve).on('error', reject).end(text);
    });
  }
}

/** Reads and discards the body. Throws when the response breaks off. */
async function readAll(response: IncomingMessage, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<number> {
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const early = (bytes / bytesPerSecond) * 1000 - (performance.now() - started);
    // Shorter timers are not exact.
    if (early > 10) await sleep(early);
  }
  return bytes;
}
