import { connect, type Socket } from 'node:net';

interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A connection whose requests are written by hand. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #changed = Promise.withResolvers<void>();
  #hasEnded = false;

  /** `allowHalfOpen`: the client goes on sending after the server has ended the connection. */
  constructor(url: string, { allowHalfOpen = false } = {}) {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#change();
    });
    this.socket.on('close', () => {
      this.#hasEnded = true;
      this.#change();
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Writes all bytes, as fast as the server reads them. */
  async writeAll(chunks: Iterable<string | Uint8Array>): Promise<void> {
    for (const chunk of chunks) {
      if (this.socket.destroyed) return;
      await new Promise((resolve) => void this.socket.write(chunk, resolve));
    }
  }

  /** The next response; it must have a content length. Null if the connection ends before it. */
  async response(): Promise<RawResponse | null> {
    for (;;) {
      const response = this.#take();
      if (response !== null) return response;
      if (this.#hasEnded) return null;
      await this.#changed.promise;
    }
  }

  async ended(): Promise<void> {
    while (!this.#hasEnded) await this.#changed.promise;
  }

  #take(): RawResponse | null {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return null;
    const [statusLine = '', ...lines] = this.#received.toString('latin1', 0, headEnd).split('\r\n');
    const headers = new Headers(
      lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    );
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#received.length < end) return null;
    const text = this.#received.toString('utf8', headEnd + 4, end);
    this.#received = this.#received.subarray(end);
    return { status: Number(statusLine.split(' ')[1]), headers, text };
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** The head of a request, with the fields that every request has. */
export function head(method: string, path: string, fields: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries({ host: '127.0.0.1', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
