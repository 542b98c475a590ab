import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What a session meets on its way. */
export interface SessionHooks {
  /** Sees what the client sends. */
  readonly onRequest?: (packet: Buffer) => void;
  /** Gets what the server sends, and passes it on or does not. */
  readonly onResponse: (packet: Buffer, client: Socket, server: Socket) => void;
}

/** A proxy for the database, at a free port; each session gets its own hooks. */
export async function openDatabaseProxy(databaseUrl: string, hooksOf: () => SessionHooks) {
  const { hostname, port } = new URL(databaseUrl);
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const { onRequest, onResponse } = hooksOf();
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('data', (packet: Buffer) => onRequest?.(packet));
    client.pipe(server);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.on('data', (packet: Buffer) => onResponse(packet, client, server));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url: url.href, [Symbol.dispose]: () => void proxy.close() };
}
