import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Connections } from '../http/connections.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';

const CLOSE_IDLE_INTERVAL_MS = 50;

/** How long slow clients may still send and read when all work is done. */
const GRACE_MS = 10_000;

/** Returns a function that closes the server. */
export function createShutdown(
  app: NestFastifyApplication,
  state: { closing: boolean },
  connections: Connections,
): () => Promise<void> {
  return () => closeServer(app, state, connections);
}

/**
 * Responds to requests in flight, then closes. A connection that was busy when closing began stays alive for over a minute after its
 * response, so idle connections are closed repeatedly. No timeout applies to slow clients any more, so when all work is done, their
 * connections get a grace period and are then closed.
 */
async function closeServer(
  app: NestFastifyApplication,
  state: { closing: boolean },
  connections: Connections,
): Promise<void> {
  state.closing = true;
  const phases = app.get(ShutdownPhases);
  await phases.run('refuse');
  const server = app.getHttpServer();
  const closingIdle = setInterval(() => {
    server.closeIdleConnections();
    connections.closeUnused();
  }, CLOSE_IDLE_INTERVAL_MS);
  const closed = app.close();
  // An early failure is thrown by `await closed` below. An unhandled rejection would end the process and the work in it.
  closed.catch(() => undefined);
  await phases.run('drain');
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  try {
    await closed;
  } finally {
    clearInterval(closingIdle);
    clearTimeout(cut);
  }
}

/** After the server has closed: waits for generations of disconnected clients, and flushes the write-behind buffer. */
export async function finishWork(app: NestFastifyApplication): Promise<void> {
  const phases = app.get(ShutdownPhases);
  await phases.run('finish');
  await Promise.all([phases.run('stop'), app.get(PeriodicTasks).stop()]);
  await phases.run('flush');
  await phases.run('release');
}
