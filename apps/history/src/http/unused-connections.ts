import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Closes connections without any request: clients open them ahead of time, and `closeIdleConnections` does not count them as idle. */
export function unusedConnections(server: Server): { close(): void } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    close() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
