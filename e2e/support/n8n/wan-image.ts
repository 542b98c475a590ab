import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '@wan-image/simulator';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { afterAll, beforeAll } from 'vitest';
import { openEngine, type Engine, type EngineOptions } from './engine.ts';
import type { Run, RunOptions } from './execute.ts';
import { PACKAGE_NAME, packedNode, unpack } from './node-package.ts';
import type { CredentialData, Item, JsonObject, NodeError, WorkflowJson, WorkflowNode } from './types.ts';
import { chain } from './workflows.ts';

/** The name of the node under test. */
export const NODE = 'Wan';

export const NODE_TYPE = `${PACKAGE_NAME}.wanImage`;

/** A key that is easy to find where it must not appear. */
export const API_KEY = 'sk-very-secret-0123456789';

/** The node with these parameters, and defaults for all others. */
export function wanImage(parameters: JsonObject = {}, more: Partial<WorkflowNode> = {}): WorkflowNode {
  return { name: NODE, type: NODE_TYPE, typeVersion: 1, parameters: { prompt: '一间花店', ...parameters }, ...more };
}

/** Parameters of an edit with these rows. */
export function editOf(rows: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { operation: 'edit', images: { image: rows }, ...more };
}

export function binaryRow(binaryField: unknown): JsonObject {
  return { source: 'binary', binaryField };
}

export function urlRow(url: unknown): JsonObject {
  return { source: 'url', url };
}

export function credentialsOf(baseUrl: string, apiKey = API_KEY): Readonly<Record<string, CredentialData>> {
  return { wanImageApi: { baseUrl, apiKey } };
}

interface RunMore extends Omit<RunOptions, 'workflow' | 'credentials'> {
  /** Settings of the node beside its parameters, such as `onError`. */
  readonly node?: Partial<WorkflowNode>;
  /** Nodes after the node. */
  readonly after?: readonly WorkflowNode[];
  readonly settings?: JsonObject;
  readonly apiKey?: string;
}

interface Addressed {
  readonly url: string;
}

export interface Workbench {
  readonly engine: () => Promise<Engine>;
  /** Runs a workflow of a start node and the node, with a server. */
  readonly run: (server: Addressed, parameters?: JsonObject, more?: RunMore) => Promise<Run>;
  /** Runs any workflow, with a server. */
  readonly runWorkflow: (
    server: Addressed,
    workflow: WorkflowJson,
    more?: Omit<RunOptions, 'workflow'>,
  ) => Promise<Run>;
}

/** An engine with the packed node, for all tests of a block. The node is packed once for each test file. */
export function workbench(options: Omit<EngineOptions, 'packageFolders'> = {}): Workbench {
  let opened: (Engine & AsyncDisposable) | undefined;
  beforeAll(async () => {
    opened = await openEngine({ ...options, packageFolders: [await packageFolder()] });
  });
  afterAll(async () => opened?.[Symbol.asyncDispose]());
  const engine = async (): Promise<Engine> => opened!;
  const runWorkflow: Workbench['runWorkflow'] = async (server, workflow, more = {}) =>
    (await engine()).run({ workflow, credentials: credentialsOf(server.url), ...more });
  return {
    engine,
    runWorkflow,
    run: (server, parameters = {}, { node = {}, after = [], settings = {}, apiKey, ...more } = {}) =>
      runWorkflow(server, chain(wanImage(parameters, node), ...after, settings), {
        credentials: credentialsOf(server.url, apiKey),
        ...more,
      }),
  };
}

let unpacked: Promise<{ readonly path: string } & AsyncDisposable> | undefined;

// Outside of a block: the folder is used by the engines of all blocks of the file.
afterAll(async () => (await unpacked)?.[Symbol.asyncDispose]());

/** The node as users get it, unpacked once for each test file. */
export async function packageFolder(): Promise<string> {
  unpacked ??= temporaryFolder();
  const folder = join((await unpacked).path, PACKAGE_NAME);
  if (existsSync(folder)) return folder;
  await using packed = await packedNode();
  return await unpack(packed.tarball, folder);
}

/** The error of a run that had to fail. */
export function errorOf(run: Run): NodeError {
  if (run.error === undefined) throw new Error(`The run ended with ${run.status} and no error.`);
  return run.error;
}

/** All text of an error, at any depth. */
export function allTextOf(error: NodeError): string {
  const { message, description, stack } = error;
  // Without the node, whose parameters are the user's own values.
  return JSON.stringify([message, description, stack, { ...error, node: undefined }]);
}

/** The simulator, with a latency of 1 ms. */
export async function startQuickSimulator(): Promise<Simulator & AsyncDisposable> {
  const simulator = await startSimulator({ port: 0, latencyMs: 1 });
  return disposable(simulator, () => simulator.close());
}

/** The facts of a failed item and of its billed image. */
export function factsOf({ json }: Item): JsonObject {
  const { image = {}, ...facts } = json['error'] as { readonly image?: JsonObject };
  return { ...facts, ...image };
}
