import type { N8nHost } from './host.ts';
import type { BinaryData, CredentialTestResult, Item, JsonObject, RunData, NodeError } from './types.ts';

/** The shape of n8n's own classes, as far as the engine of the tests uses them. */
export interface N8nModules {
  readonly container: Container;
  readonly core: CoreModule;
  readonly workflow: WorkflowModule;
  /** Keys of the container: classes that are only looked up or replaced. */
  readonly keys: Readonly<Record<KeyName, Service<unknown>>>;
  readonly loadNodes: Service<NodeLoading>;
  readonly nodeTypes: Service<object>;
  readonly credentialsTester: Service<CredentialsTester>;
  readonly nodeParameters: new (logger: unknown, nodeTypes: object) => NodeParameters;
  /** The data of every execution: its URLs, the credentials, the variables. */
  readonly additionalData: (options: JsonObject) => Promise<JsonObject>;
  /** Runs one node as a step of engine 2.0. */
  readonly stepExecutor: new (dependencies: object) => { execute(request: object): Promise<StepResult> };
}

type Service<T> = abstract new (...parameters: never[]) => T;

interface Container {
  get<T>(key: Service<T>): T;
  set<T>(key: Service<T>, instance: T): void;
  /** Removes all instances, but not their registrations. */
  reset(): void;
}

interface CoreModule {
  readonly BinaryDataService: Service<{ init(): Promise<void>; getAsBuffer(data: BinaryData): Promise<Buffer> }>;
  readonly Cipher: Service<{ encryptDEKWithInstanceKey(key: string): string }>;
  readonly EncryptionKeyProxy: Service<{ setProvider(provider: object): void }>;
  readonly InstanceSettings: Service<{ readonly encryptionKey: string }>;
  readonly Credentials: new (
    identity: object,
    type: string,
  ) => { setData(data: object): Promise<void>; getDataToSave(): { data: string } };
  readonly ExecuteContext: new (...parameters: unknown[]) => object;
  readonly ExecutionLifecycleHooks: new (mode: string, executionId: string, workflow: object) => LifecycleHooks;
  readonly PackageDirectoryLoader: new (folder: string) => Loader;
  readonly LazyPackageDirectoryLoader: new (folder: string) => Loader;
  readonly WorkflowExecute: new (additionalData: object, mode: string) => { run(options: object): CancelableRun };
  prepareBinaryData(
    data: Buffer,
    executionId: string,
    workflowId: string,
    fileName?: string,
    mimeType?: string,
  ): Promise<BinaryData>;
}

interface LifecycleHooks {
  addHandler(event: 'nodeExecuteBefore' | 'nodeExecuteAfter', handler: (nodeName: string) => void): void;
}

export interface StepResult {
  readonly outputs: readonly (readonly Item[] | null)[];
}

type CancelableRun = Promise<FullRunData> & { cancel(): void };

export interface FullRunData {
  readonly status: string;
  readonly data: {
    readonly resultData: {
      readonly runData: RunData;
      readonly error?: NodeError;
      readonly lastNodeExecuted?: string;
    };
  };
}

interface WorkflowModule {
  readonly Workflow: new (options: object) => {
    getNode(name: string): object | null;
    readonly expression: { acquireIsolate(): Promise<unknown>; releaseIsolate(): Promise<void> };
  };
  readonly Expression: {
    initExpressionEngine(options: object): Promise<void>;
    disposeExpressionEngine(): Promise<void>;
  };
}

export interface Loader {
  known: { nodes: Record<string, unknown>; credentials: Record<string, unknown> };
  isLazyLoaded: boolean;
  readonly packageName: string;
  loadAll(): Promise<void>;
}

export interface NodeLoading {
  readonly loaders: Record<string, Loader>;
  runDirectoryLoader(loader: CoreModule['PackageDirectoryLoader'], folder: string): Promise<Loader>;
  postProcessLoaders(): Promise<void>;
  readonly types: { readonly nodes: readonly NodeDescription[] };
}

export interface NodeDescription extends JsonObject {
  readonly name: string;
  readonly credentials?: readonly { readonly name: string }[];
}

interface CredentialsTester {
  testCredentials(userId: string, type: string, credential: object): Promise<CredentialTestResult>;
}

interface NodeParameters {
  getResourceLocatorResults(...parameters: unknown[]): Promise<ListSearchResult>;
  getOptionsViaMethodName(...parameters: unknown[]): Promise<readonly JsonObject[]>;
}

export interface ListSearchResult {
  readonly results: readonly { readonly name: string; readonly value: string | number; readonly url?: string }[];
  readonly paginationToken?: unknown;
}

const KEYS = {
  aiGateway: ['./dist/services/ai-gateway.service.js', 'AiGatewayService'],
  credentialsRepository: ['@n8n/db', 'CredentialsRepository'],
  globalConfig: ['@n8n/config', 'GlobalConfig'],
  licenseState: ['@n8n/backend-common', 'LicenseState'],
  logger: ['@n8n/backend-common', 'Logger'],
  policies: ['./dist/policy/policy-enforcement.service.js', 'PolicyEnforcementService'],
  secretsProviders: ['@n8n/db', 'SecretsProviderConnectionRepository'],
  settingsRepository: ['@n8n/db', 'SettingsRepository'],
  variables: ['./dist/environments.ee/variables/variables.service.ee.js', 'VariablesService'],
} as const;

type KeyName = keyof typeof KEYS;

/** Takes about three seconds the first time. Set the environment before: n8n reads parts of it while it loads. */
export function n8nModules({ require }: N8nHost): N8nModules {
  const load = (file: string): Record<string, unknown> => require(file) as Record<string, unknown>;
  load('reflect-metadata');
  // Before the database entities, as at n8n's own startup: their declarations read the type of the database.
  load('./dist/config');
  const keys = Object.entries(KEYS).map(([key, [file, name]]) => [key, load(file)[name]] as const);
  return {
    container: load('@n8n/di')['Container'] as Container,
    core: load('n8n-core') as unknown as CoreModule,
    workflow: load('n8n-workflow') as unknown as WorkflowModule,
    keys: Object.fromEntries(keys) as N8nModules['keys'],
    loadNodes: load('./dist/load-nodes-and-credentials.js')['LoadNodesAndCredentials'] as N8nModules['loadNodes'],
    nodeTypes: load('./dist/node-types.js')['NodeTypes'] as N8nModules['nodeTypes'],
    credentialsTester: load('./dist/services/credentials-tester.service.js')[
      'CredentialsTester'
    ] as N8nModules['credentialsTester'],
    nodeParameters: load('./dist/services/dynamic-node-parameters.service.js')[
      'DynamicNodeParametersService'
    ] as N8nModules['nodeParameters'],
    additionalData: load('./dist/workflow-execute-additional-data.js')['getBase'] as N8nModules['additionalData'],
    stepExecutor: load('@n8n/node-engine-compatibility')['V1StepExecutor'] as N8nModules['stepExecutor'],
  };
}
