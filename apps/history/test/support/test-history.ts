import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '@wan-image/simulator';
import { volatileFolder } from '@wan-image/testing/folders';
import { createDatabase } from '@wan-image/testing/postgres';
import { disposable } from '@wan-image/testing/resource';
import { inject } from 'vitest';
import { readConfig, type Config, type Environment } from '../../src/config/config.ts';
import { createServiceLogger } from '../../src/boot/service-logger.ts';
import { startHistory, type History, type StartOptions } from '../../src/boot/start-history.ts';

/** The data folder and the database of a service: they survive its restarts, but not the test. */
export interface TestData {
  readonly dataDir: string;
  readonly environment: Environment;
}

interface TestDataOptions {
  /** Whether the database has its tables: a copy of a migrated one takes a tenth of the time. Default true. */
  readonly hasTables?: boolean;
}

/** A data folder and a database: embedded PGlite, or a new one on the test server. */
export async function openTestData({ hasTables = true }: TestDataOptions = {}): Promise<TestData & AsyncDisposable> {
  const dataDir = await volatileFolder('wan-image-history-');
  const template = hasTables ? inject('postgresTemplate') : undefined;
  const database =
    process.env['TEST_DATABASE'] === 'postgres' ? await createDatabase(inject('postgresUrl'), template) : null;
  if (!database && hasTables) await cp(inject('pgliteTemplate'), join(dataDir, 'database'), { recursive: true });
  const environment = { DATA_DIR: dataDir, PORT: '0', ...(database ? { DATABASE_URL: database.url } : {}) };
  return disposable({ dataDir, environment }, async () => {
    await database?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });
}

export interface RunningHistory extends History {
  /** The lines of the log. */
  readonly logs: readonly string[];
}

/** Starts the service on test data, in this process. */
export async function runHistory(
  testData: TestData,
  environment: Environment = {},
  options?: StartOptions,
): Promise<RunningHistory & AsyncDisposable> {
  const logs: string[] = [];
  // Input URLs in tests point to hosts that do not exist; tests that archive inputs enable it themselves.
  const config: Config = readConfig({ ARCHIVE_INPUTS: 'false', ...testData.environment, ...environment });
  const logger = createServiceLogger('debug', { write: (line) => logs.push(line) });
  const history = await startHistory(config, logger, options);
  return disposable({ ...history, logs }, () => history.close());
}

/** A simulator whose totals the test can read. */
export async function runSimulator(options: SimulatorOptions = {}): Promise<Simulator & AsyncDisposable> {
  const simulator = await startSimulator({ port: 0, latencyMs: 0, ...options });
  return disposable(simulator, () => simulator.close());
}

/** The settings that point to an upstream. */
export function upstreamAt(url: string): Environment {
  return { UPSTREAM_BASE_URL: url, UPSTREAM_API_KEY: 'sk-upstream-secret-123' };
}

export interface TestHistory extends RunningHistory {
  readonly simulator: Simulator;
  readonly testData: TestData;
}

/** A service with its own data and simulator. */
export async function openHistory(
  environment: Environment = {},
  options: SimulatorOptions = {},
  startOptions?: StartOptions,
): Promise<TestHistory & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const testData = stack.use(await openTestData());
  const simulator = stack.use(await runSimulator(options));
  const history = stack.use(await runHistory(testData, { ...upstreamAt(simulator.url), ...environment }, startOptions));
  return disposable({ ...history, simulator, testData }, () => stack.disposeAsync());
}
