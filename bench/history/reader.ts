import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** Parameters of a list; several values where a parameter is repeated. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface Timed {
  readonly ms: number;
  readonly body: ListBody;
}

interface ListBody {
  readonly data: readonly { readonly id: string }[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly count?: { readonly value: number; readonly capped: boolean };
}

/** Any long text: the service runs for the bench alone. */
export const ADMIN_KEY = 'bench-history-admin-key';

/** Reads lists of a running service as its administrator, over one connection. */
export class Reader implements Disposable {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.#url = url;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** To the last byte of the response. Throws for any status but 200. */
  async list(kind: 'generations' | 'images', query: Query): Promise<Timed> {
    const url = this.#urlOf(`/v1/${kind}`, query);
    const started = performance.now();
    const body = await this.#get(url);
    return { ms: performance.now() - started, body: JSON.parse(body) as ListBody };
  }

  /** Milliseconds until the last byte of a response. Throws for any status but 200. */
  async time(path: string, query: Query): Promise<number> {
    const url = this.#urlOf(path, query);
    const started = performance.now();
    await this.#get(url);
    return performance.now() - started;
  }

  #urlOf(path: string, query: Query): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
    return `${this.#url}${path}?${parameters}`;
  }

  async #get(url: string): Promise<string> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${ADMIN_KEY}` };
      get(url, { agent: this.#agent, headers }, resolve).on('error', reject);
    });
    const body = await text(response);
    if (response.statusCode !== 200) throw new Error(`${url} responded with ${response.statusCode}: ${body}`);
    return body;
  }
}
