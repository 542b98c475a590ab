import { ApiError } from '../../domain/api-error.ts';

const COME_BACK_SECONDS = 5;

/** Not counted of each body, so that other clients' uploads never stand in the way of a request that is only text. */
const FREE_BYTES = 64 * 1024;

/** The bytes of one body that have arrived. */
export interface Upload extends Disposable {
  /** Counts bytes. Throws 503 if they exceed the budget, or the share of the client. */
  received(bytes: number): void;
}

interface Client {
  bytes: number;
  uploads: number;
}

/**
 * Limits the total bytes of request bodies that are being received. Bodies count by what has arrived of them: a client can state any length,
 * or none. A client with several uploads may use half of the budget, so that it cannot keep out all others; one upload alone may use all.
 */
export class UploadBudget {
  readonly #most: number;
  readonly #clients = new Map<string, Client>();
  #received = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins a body of a client; null for one that has no share to keep to. Counted until it is disposed. */
  begin(clientId: string | null): Upload {
    const client = this.#clientOf(clientId);
    client.uploads++;
    let arrived = 0;
    let counted = 0;
    return {
      received: (bytes) => {
        arrived += bytes;
        const more = Math.max(0, arrived - FREE_BYTES) - counted;
        this.#check(client, more, clientId !== null);
        counted += more;
        client.bytes += more;
        this.#received += more;
      },
      [Symbol.dispose]: () => {
        this.#received -= counted;
        client.bytes -= counted;
        counted = 0;
        client.uploads--;
        if (client.uploads === 0 && clientId !== null) this.#clients.delete(clientId);
      },
    };
  }

  #clientOf(id: string | null): Client {
    const client = (id === null ? undefined : this.#clients.get(id)) ?? { bytes: 0, uploads: 0 };
    if (id !== null) this.#clients.set(id, client);
    return client;
  }

  #check(client: Client, more: number, hasShare: boolean): void {
    if (more === 0) return;
    if (this.#received + more > this.#most) throw tooManyUploads('Too many uploads are in progress');
    if (hasShare && client.uploads > 1 && client.bytes + more > this.#most / 2)
      throw tooManyUploads('The uploads of your API key use half of what the service receives at once');
  }
}

function tooManyUploads(reason: string): ApiError {
  const message = `${reason}, so this one was not read and nothing was sent. Try again in a few seconds.`;
  return new ApiError(message, {
    status: 503,
    type: 'server_error',
    code: 'too_many_uploads',
    headers: { 'retry-after': String(COME_BACK_SECONDS) },
  });
}
