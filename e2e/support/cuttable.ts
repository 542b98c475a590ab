import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { disposable } from '@wan-image/testing/resource';

/** A TCP proxy to a server that can drop its connections, as a real proxy or a lost network does. */
export interface Cuttable {
  readonly url: string;
  /** Ends every open connection; new ones are accepted as before. */
  cut(): void;
}

export async function startCuttable(target: string): Promise<Cuttable & AsyncDisposable> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return disposable({ url, cut }, async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
}
