import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { contextOf, type ContextOptions, type ExecuteContext } from './context.ts';
import { QUIET, withEnvironment } from './environment.ts';
import { n8nHost } from './host.ts';
import {
  n8nModules,
  type ListSearchResult,
  type N8nModules,
  type NodeDescription,
  type NodeLoading,
  type StepResult,
} from './modules.ts';
import { execute, type Run, type RunOptions } from './execute.ts';
import { executeStep, type StepOptions } from './step.ts';
import { loadNodes, prepareServices, type CredentialStore } from './services.ts';
import type { BinaryData, CredentialData, CredentialTestResult, JsonObject } from './types.ts';

export interface EngineOptions {
  /** Unpacked packages of community nodes. */
  readonly packageFolders?: readonly string[];
  /** Where n8n keeps binary data: in the item as base64 (`default`), or in files, which is n8n's default. */
  readonly storage?: 'default' | 'filesystem';
  /** Variables that n8n reads. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Engine {
  /** Runs a workflow to its end. Throws what n8n throws before the first node, such as a required parameter without a value. */
  run(options: RunOptions): Promise<Run>;
  /** Runs one node as a step of n8n's engine 2.0. */
  runStep(options: StepOptions): Promise<StepResult>;
  bytes(data: BinaryData): Promise<Buffer>;
  /** Calls `methods.listSearch.<method>` of a node, as the list of a resource locator does. */
  listSearch(
    options: MethodOptions & { readonly filter?: string; readonly paginationToken?: string },
  ): Promise<ListSearchResult>;
  /** Calls `methods.loadOptions.<method>` of a node. */
  loadOptions(options: MethodOptions): Promise<readonly JsonObject[]>;
  /** The real `this` of a node, for tests without a workflow. */
  context(options: ContextOptions): Promise<ExecuteContext & AsyncDisposable>;
  /** Tests a credential as the button of its dialog does. */
  testCredential(type: string, data: CredentialData): Promise<CredentialTestResult>;
  /** The description of a node of the packages as the editor gets it; `…Tool` is the variant for agents. Throws on an unknown node. */
  description(nodeType: string): NodeDescription;
}

interface MethodOptions {
  readonly nodeType: string;
  readonly typeVersion: number;
  readonly method: string;
  readonly parameters?: JsonObject;
  readonly credentials?: Readonly<Record<string, CredentialData>>;
  /** Of the parameter, for methods that read sibling parameters. */
  readonly path?: string;
}

/** The user of each run. n8n never looks it up here. */
const USER = 'wan-image-e2e';

let open = false;

/**
 * n8n's own engine in this process: its loader, its expressions, its credentials, its binary data. No server, no database, no queue.
 * One at a time: n8n's services are singletons of the process.
 */
export async function openEngine({
  packageFolders = [],
  storage = 'filesystem',
  environment = {},
}: EngineOptions = {}): Promise<Engine & AsyncDisposable> {
  if (open)
    throw new Error('An engine is open already, and the services of n8n exist once in a process: dispose it first.');
  open = true;
  const folder = await temporaryFolder();
  const restore = withEnvironment({
    ...QUIET,
    N8N_LOG_LEVEL: 'silent',
    N8N_USER_FOLDER: folder.path,
    N8N_DEFAULT_BINARY_DATA_MODE: storage,
    ...environment,
  });
  const close = async (): Promise<void> => {
    restore();
    await folder[Symbol.asyncDispose]();
    open = false;
  };
  try {
    const host = await n8nHost();
    host.shareModules();
    const modules = n8nModules(host);
    const credentials = await prepareServices(modules);
    await modules.workflow.Expression.initExpressionEngine(expressionOptions(modules));
    const loading = await loadNodes(modules, host, packageFolders);
    return disposable(engine(modules, loading, credentials), async () => {
      await modules.workflow.Expression.disposeExpressionEngine();
      await close();
    });
  } catch (error) {
    await close();
    throw error;
  }
}

function engine(modules: N8nModules, loading: NodeLoading, credentials: CredentialStore): Engine {
  const { container, core, keys } = modules;
  const method = async (options: MethodOptions): Promise<readonly unknown[]> => {
    credentials.use(options.credentials ?? {});
    const { parameters = {}, nodeType, typeVersion, path = '' } = options;
    const additionalData = await modules.additionalData({ userId: USER, currentNodeParameters: parameters });
    const stored = Object.keys(options.credentials ?? {}).map((type) => [type, { id: type, name: type }]);
    const node = { name: nodeType, version: typeVersion };
    return [options.method, path, additionalData, node, parameters, Object.fromEntries(stored)];
  };
  const parameters = new modules.nodeParameters(container.get(keys.logger), container.get(modules.nodeTypes));
  return {
    run: (options) => execute({ modules, credentials, user: USER }, options),
    runStep: (options) => executeStep({ modules, credentials, user: USER }, options),
    bytes: (data) => container.get(core.BinaryDataService).getAsBuffer(data),
    listSearch: async (options) =>
      parameters.getResourceLocatorResults(...(await method(options)), options.filter, options.paginationToken),
    loadOptions: async (options) => parameters.getOptionsViaMethodName(...(await method(options))),
    context: (options) => contextOf({ modules, credentials, user: USER }, options),
    testCredential: async (type, data) => {
      credentials.use({ [type]: data });
      const tester = container.get(modules.credentialsTester);
      return tester.testCredentials(USER, type, { id: type, name: type, type, data: { ...data } });
    },
    description: (nodeType) => {
      const found = loading.types.nodes.find(({ name }) => name === nodeType);
      if (found === undefined) throw new Error(`No package has a node ${nodeType}.`);
      return found;
    },
  };
}

/** As n8n does at startup: expressions run in a separate isolate, not in this realm. */
function expressionOptions({ container, keys }: N8nModules): object {
  const { expressionEngine } = container.get(keys.globalConfig) as { expressionEngine: object };
  return { ...expressionEngine };
}
