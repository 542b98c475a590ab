import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { BackgroundJobs } from '../background-jobs/background-jobs.service.ts';
import { KeyCheck } from '../access/key-check.ts';
import type { Config } from '../config/config.ts';
import { CLOCK_INTERVAL_MS } from '../database/database-clock.ts';
import { openHandover } from '../dispatch/handover.ts';
import { OrphanReaper } from '../dispatch/orphan-reaper.service.ts';
import { WorkerLeases } from '../dispatch/worker-leases.service.ts';
import { QueueConsumer } from '../gateway/run/queue-consumer.service.ts';
import { RunRegistry } from '../gateway/run/run-registry.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ServiceAddress, urlOfListener } from '../links/service-address.ts';
import { HEADERS_LIMIT_MS, type Connections } from '../http/connections.ts';
import { connectionCeiling } from '../http/descriptor-limit.ts';
import { Routes, type Route } from '../http/routes.ts';
import { RESERVE_INTERVAL_MS } from '../storage/disk-reserve.ts';
import { nestLogger } from '../telemetry/logger.ts';
import { AppModule } from './app.module.ts';
import { createHttpServer } from './http-server.ts';
import { openapiDocument } from './openapi-document.ts';
import { openResources, openServeResources, type ServeResources } from './resources.ts';
import { createShutdown, finishWork } from './shutdown.ts';
import { warnOfUpstreamProblem } from '../upstream/upstream-problem.ts';
import { ICON } from '../web/icon.ts';

export interface History {
  /** The public URL, without a trailing slash. */
  readonly url: string;
  /** Base URL of the upstream; null for simulated images. */
  readonly upstream: string | null;
  /** Every route, and the access it requires. */
  readonly routes: readonly Route[];
  /** Number of generations in flight. */
  inFlight(): number;
  /** Asks the upstream whether it accepts the key, free of charge, and warns in the log if not. */
  checkUpstream(): Promise<void>;
  /** Responds to requests in flight, then releases all resources. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Maximum interval of every periodic task. No setting changes this and the next: they are for tests that cannot wait. */
  readonly longestIntervalMs?: number | undefined;
  /** How long the headers of a request may take. */
  readonly headersMs?: number;
  /** Called before the embedded database makes its files, which it does once and which takes seconds. */
  readonly onSetUp?: () => void;
  /** The built gallery, which is served at `/`. Without one, that page says how to build it. */
  readonly galleryFolder?: string | null;
}

/** Starts the service: opens its resources in order, and closes them in reverse, even if the start fails half-way. */
export async function startHistory(
  config: Config,
  logger: Logger,
  {
    longestIntervalMs = UPKEEP_INTERVAL_MS,
    headersMs = HEADERS_LIMIT_MS,
    onSetUp,
    galleryFolder = null,
  }: StartOptions = {},
): Promise<History> {
  await using opening = new AsyncDisposableStack();
  const common = await openResources(config, logger, opening, onSetUp);
  const handover = await openHandover(config.dataDir, common.database.exclusive);
  opening.defer(async () => handover.release());
  const resources = await openServeResources(common, longestIntervalMs, opening);
  const routes = new Routes();
  const { app, connections, state } = await createApplication(resources, routes, { headersMs, galleryFolder });
  opening.defer(() => finishWork(app));
  opening.defer(createShutdown(app, state, connections));
  const closing = new AbortController();
  opening.defer(async () => closing.abort());
  await app.init();
  SwaggerModule.setup('docs', app, openapiDocument(), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'wan-image API',
    customfavIcon: ICON,
  });
  const tasks = app.get(PeriodicTasks);
  tasks.register('months', UPKEEP_INTERVAL_MS, () => common.database.prepareMonths());
  tasks.register('indexes', UPKEEP_INTERVAL_MS, () =>
    common.database.buildIndexes(closing.signal, (index) => logger.info({ index }, 'an index of the update is built')),
  );
  tasks.register('free space', UPKEEP_INTERVAL_MS, () =>
    common.database.freeSpace(closing.signal, (table, how) =>
      logger.info({ table, how }, 'the room of deleted rows is free'),
    ),
  );
  const { reserve } = common.database;
  if (reserve !== null) tasks.register('disk reserve', RESERVE_INTERVAL_MS, () => reserve.maintain());
  tasks.register('clock', CLOCK_INTERVAL_MS, () => common.database.clock.sync());
  await app.get(WorkerLeases).begin(handover);
  await app.get(OrphanReaper).reap();
  await app.listen(config.port, config.host);
  const address = app.get(ServiceAddress);
  if (config.publicUrl === null) address.publicUrl = urlOfListener(config.host, portOf(app));
  await app.get(QueueConsumer).start();
  await app.get(BackgroundJobs).start();
  tasks.start();
  const opened = opening.move();
  const { upstream } = resources;
  return {
    url: address.publicUrl,
    upstream: upstream.simulated ? null : upstream.baseUrl,
    routes: routes.all,
    inFlight: () => app.get(RunRegistry).inFlight,
    checkUpstream: () => warnOfUpstreamProblem(upstream, logger, closing.signal),
    close: () => opened.disposeAsync(),
  };
}

interface Application {
  readonly app: NestFastifyApplication;
  readonly connections: Connections;
  /** Whether it is shutting down. */
  readonly state: { closing: boolean };
}

async function createApplication(
  resources: ServeResources,
  routes: Routes,
  { headersMs, galleryFolder }: Required<Pick<StartOptions, 'headersMs' | 'galleryFolder'>>,
): Promise<Application> {
  const { config, logger } = resources;
  const state = { closing: false };
  const ceiling = connectionCeiling();
  const { adapter, connections } = createHttpServer({
    keyless: config.adminApiKey === null,
    corsOrigins: config.corsOrigins,
    // Resolved at the first request: the adapter is created before the application.
    get keyCheck() {
      return app.get(KeyCheck);
    },
    get address() {
      return app.get(ServiceAddress);
    },
    logger,
    isClosing: () => state.closing,
    routes,
    limits: {
      most: Math.min(config.maxConnections ?? ceiling, ceiling),
      responseStallMs: config.responseStallMs,
      headersMs,
    },
    uploadStallMs: config.uploadStallMs,
  });
  const options = { logger: nestLogger(logger), bodyParser: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forServe(resources, galleryFolder),
    adapter,
    options,
  );
  return { app, connections, state };
}

function portOf(app: NestFastifyApplication): number {
  const address = app.getHttpServer().address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen on a port');
  return address.port;
}
