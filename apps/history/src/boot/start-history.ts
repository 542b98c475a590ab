import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { AccessRepository } from '../access/access.repository.ts';
import { KeyCheck } from '../access/key-check.ts';
import { ApiKeyCache } from '../access/api-key-cache.ts';
import { AppModule } from './app.module.ts';
import type { Config } from '../config/config.ts';
import { type Database } from '../database/database.ts';
import { openServiceDatabase } from './open-database.ts';
import { sqlOf } from '../database/sql.ts';
import { openapiDocument } from './openapi-document.ts';
import { QueueConsumer } from '../gateway/run/queue-consumer.service.ts';
import { GenerationRunner } from '../gateway/run/generation-runner.service.ts';
import { OutcomeRecorder } from '../ledger/outcome-recorder.service.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { createFastifyAdapter, type Route } from './http-server.ts';
import { unusedConnections } from '../http/unused-connections.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { InputArchiveService } from '../images/input-archive.service.ts';
import { ImageSignatures } from '../links/image-signatures.ts';
import { openSigningKeys } from '../links/signing-keys.ts';
import { SigningKeysRepository } from '../links/signing-keys.repository.ts';
import { ImageFilesService } from '../images/image-files.service.ts';
import { SpooledImagesService } from '../images/spooled-images.service.ts';
import { StoredImagesService } from '../images/stored-images.service.ts';
import { openHandover } from '../dispatch/handover.ts';
import { HEARTBEAT_MS, WorkerLeases } from '../dispatch/worker-leases.service.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { createUpkeep, UPKEEP_INTERVAL_MS, type Duties, type Upkeep } from '../jobs/periodic-tasks.ts';
import { openFolderStore } from '../storage/folder-store.ts';
import { openSpool } from '../storage/spool.ts';
import { SweepService } from '../sweep/sweep.service.ts';
import { nestLogger, LOGGER } from '../telemetry/logger.ts';
import { openUpstream } from '../upstream/upstream.ts';

const LET_GO_INTERVAL_MS = 50;

/** Time between two looks for what somebody wants canceled, and for inputs to be archived: their URLs may die soon. */
const LOOK_INTERVAL_MS = 1000;

/** How long slow readers and writers have when all work is done. */
const GRACE_MS = 10_000;

export interface History {
  /** The public URL, without a trailing slash. */
  readonly url: string;
  /** Base URL of the upstream; null where images are simulated. */
  readonly upstream: string | null;
  /** Every route, and what it asks for. */
  readonly routes: readonly Route[];
  /** How many generations are under way. */
  inFlight(): number;
  /** Answers what is in flight, then lets everything go. */
  close(): Promise<void>;
}

/** Starts the service: opens what it stands on, in order, and closes it in reverse, also where starting fails half-way. */
export async function startHistory(
  config: Config,
  logger: Logger,
  upkeepIntervalMs: number = UPKEEP_INTERVAL_MS,
): Promise<History> {
  await using opening = new AsyncDisposableStack();
  const database = await openServiceDatabase(config);
  opening.defer(() => database.close());
  const store = await openFolderStore(config.storageDir);
  const spool = await openSpool(config.dataDir);
  const line = await openHandover(config.dataDir, database.exclusive);
  opening.defer(async () => line.release());
  const upstream = await openUpstream(config);
  opening.defer(() => upstream.close());
  const keys = await openSigningKeys(config.signingKeys, new SigningKeysRepository(database.dataSource));
  const jobs = new JobQueue(sqlOf(database.dataSource), logger);
  await jobs.start();
  opening.defer(() => jobs.stop());
  const signatures = new ImageSignatures(keys);
  const address = new ServiceAddress(config.publicUrl ?? urlOf(config.host, config.port), signatures);
  const life = { closing: false };
  const accessRepository = new AccessRepository(database.dataSource);
  const apiKeyCache = new ApiKeyCache(accessRepository, logger);
  const keyCheck = new KeyCheck(config.adminApiKey, apiKeyCache);
  const routes: Route[] = [];
  const adapter = createFastifyAdapter({
    keyless: config.adminApiKey === null,
    keyCheck,
    address,
    logger,
    isClosing: () => life.closing,
    onRoute: (route) => routes.push(route),
  });
  const opens = { signatures, accessRepository, apiKeyCache, keyCheck };
  const kept = { dataSource: database.dataSource, store, spool, jobs };
  const resources = { config, logger, upstream, address, ...kept, ...opens };
  const options = { logger: nestLogger(logger), bodyParser: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.over(resources), adapter, options);
  const upkeeps = upkeepsOf(app, database, config, upkeepIntervalMs);
  opening.defer(() => endWork(app, upkeeps));
  opening.defer(closerOf(app, life));
  SwaggerModule.setup('docs', app, openapiDocument(), { jsonDocumentUrl: 'openapi.json' });
  await app.get(WorkerLeases).begin(line);
  await app.get(WorkerLeases).failInterrupted();
  await app.listen(config.port, config.host);
  if (config.publicUrl === null) address.publicUrl = urlOf(config.host, portOf(app));
  await jobs.work(({ id }) => app.get(QueueConsumer).takeUp(id));
  await app.get(QueueConsumer).takeUpAbandoned();
  for (const upkeep of upkeeps) upkeep.start();
  const opened = opening.move();
  return {
    url: address.publicUrl,
    upstream: upstream.simulated ? null : upstream.baseUrl,
    routes,
    inFlight: () => app.get(GenerationRunner).inFlight,
    close: () => opened.disposeAsync(),
  };
}

function upkeepsOf(
  app: NestFastifyApplication,
  database: Database,
  config: Config,
  intervalMs: number,
): readonly Upkeep[] {
  const logger = app.get<Logger>(LOGGER);
  return [
    createUpkeep(dutiesOf(app, database), logger, intervalMs),
    createUpkeep(livelyDutiesOf(app), logger, Math.min(HEARTBEAT_MS, intervalMs)),
    createUpkeep(promptDutiesOf(app, config), logger, Math.min(LOOK_INTERVAL_MS, intervalMs)),
  ];
}

function dutiesOf(app: NestFastifyApplication, database: Database): Duties {
  const generations = app.get(GenerationsService);
  const endings = app.get(OutcomeRecorder);
  const images = app.get(StoredImagesService);
  return {
    endings: () => endings.recordLate(),
    months: () => database.prepareMonths(new Date()),
    unrecorded: () => app.get(ImageFilesService).touch(endings.unrecordedFiles()),
    images: () => images.fetchPending(),
    spool: () => app.get(SpooledImagesService).store(),
    keys: () => generations.forgetKeys(),
    sweep: () => app.get(SweepService).pass(),
  };
}

/** What tells the others that this process lives, and finds what the dead have left behind. */
function livelyDutiesOf(app: NestFastifyApplication): Duties {
  const work = app.get(WorkerLeases);
  return {
    heartbeat: () => work.heartbeat(),
    interrupted: () => work.failInterrupted(),
    orphanedQueued: () => app.get(QueueConsumer).takeUpAbandoned(),
  };
}

function promptDutiesOf(app: NestFastifyApplication, { archiveInputs }: Config): Duties {
  const cancels = (): Promise<void> => app.get(GenerationRunner).applyCancelRequests();
  return archiveInputs ? { cancels, inputs: () => app.get(InputArchiveService).archiveDue() } : { cancels };
}

/** Lets generations end whose callers have left, and records what could not be recorded before. */
async function endWork(app: NestFastifyApplication, upkeeps: readonly Upkeep[]): Promise<void> {
  await app.get(GenerationRunner).end();
  await app.get(StoredImagesService).stop();
  await Promise.all(upkeeps.map((upkeep) => upkeep.stop()));
  await app.get(InputArchiveService).stop();
  await app.get(OutcomeRecorder).recordLate();
  await app.get(WorkerLeases).end();
}

/** Closes the server, whose connections it knows from now on. */
function closerOf(app: NestFastifyApplication, life: { closing: boolean }): () => Promise<void> {
  const unused = unusedConnections(app.getHttpServer());
  return () => closeServer(app, life, unused);
}

/**
 * Answers what is in flight, then closes. A connection that was busy when closing began is kept alive after its answer,
 * for over a minute, unless somebody looks again. One that sends or reads at a snail's pace has no limit of its own any more,
 * so when all work is done it gets a grace, and is cut.
 */
async function closeServer(
  app: NestFastifyApplication,
  life: { closing: boolean },
  unused: { close(): void },
): Promise<void> {
  life.closing = true;
  app.get(GenerationRunner).close();
  await app.get(JobQueue).rest();
  const server = app.getHttpServer();
  const letGo = setInterval(() => {
    server.closeIdleConnections();
    unused.close();
  }, LET_GO_INTERVAL_MS);
  const closed = app.close();
  // Should it fail at once, that is told below, not as an unhandled rejection that ends the process and the work in it.
  closed.catch(() => undefined);
  await app.get(GenerationRunner).settled();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  try {
    await closed;
  } finally {
    clearInterval(letGo);
    clearTimeout(cut);
  }
}

/** An address that listens everywhere is reached by this machine's own name. */
function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function portOf(app: NestFastifyApplication): number {
  const address = app.getHttpServer().address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen on a port');
  return address.port;
}
