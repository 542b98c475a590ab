import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { unusedConnections } from '../http/unused-connections.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';

const CLOSE_IDLE_INTERVAL_MS = 50;

/** How long slow readers and writers have when all work is done. */
const GRACE_MS = 10_000;

/** What closes the server, whose connections it knows from now on. */
export function createShutdown(app: NestFastifyApplication, state: { closing: boolean }): () => Promise<void> {
  const unused = unusedConnections(app.getHttpServer());
  return () => closeServer(app, state, unused);
}

/**
 * Responds to what is in flight, then closes. A connection that was busy when closing began is kept alive after its response, for over a
 * minute, unless somebody looks again. One that sends or reads at a snail's pace has no limit of its own any more, so when all work is
 * done it gets a grace, and is cut.
 */
async function closeServer(
  app: NestFastifyApplication,
  state: { closing: boolean },
  unused: { close(): void },
): Promise<void> {
  state.closing = true;
  const phases = app.get(ShutdownPhases);
  await phases.run('refuse');
  const server = app.getHttpServer();
  const closingIdle = setInterval(() => {
    server.closeIdleConnections();
    unused.close();
  }, CLOSE_IDLE_INTERVAL_MS);
  const closed = app.close();
  // Should it fail at once, that is told below, not as an unhandled rejection that ends the process and the work in it.
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

/** After the server has closed: lets generations end whose clients have disconnected, and records what could not be recorded before. */
export async function finishWork(app: NestFastifyApplication): Promise<void> {
  const phases = app.get(ShutdownPhases);
  await phases.run('finish');
  await Promise.all([phases.run('stop'), app.get(PeriodicTasks).stop()]);
  await phases.run('flush');
  await phases.run('release');
}
