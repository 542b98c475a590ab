import type { FullRunData, N8nModules } from './modules.ts';
import type { CredentialStore } from './services.ts';
import type {
  BinaryData,
  CredentialData,
  Hint,
  Item,
  JsonObject,
  NodeError,
  RunData,
  TaskData,
  WorkflowJson,
  WorkflowNode,
} from './types.ts';

export interface RunOptions {
  readonly workflow: WorkflowJson;
  /** By type. They replace the credentials of that type in all nodes. */
  readonly credentials?: Readonly<Record<string, CredentialData>>;
  /** The output of the start node. Default: one empty item. */
  readonly input?: readonly InputItem[];
  /** Default: the first trigger, else the first node. */
  readonly startNode?: string;
  /**
   * `trigger` (default) uses `input` as the data of the trigger. `manual` is the button of the editor: the start node creates its items.
   */
  readonly mode?: 'trigger' | 'manual';
  /** Cancels as n8n's stop button does. */
  readonly signal?: AbortSignal;
  readonly executionId?: string;
  readonly workflowId?: string;
  readonly onNodeStart?: (nodeName: string) => void;
}

interface InputItem {
  readonly json: JsonObject;
  /** Stored by n8n before the run, by the mode of the engine. */
  readonly binary?: Readonly<Record<string, InputFile>>;
}

interface InputFile {
  readonly data: Buffer;
  readonly fileName?: string;
  /** Default: n8n derives it from the file's name, else from its bytes. */
  readonly mimeType?: string;
}

export interface Run {
  /**
   * `success`, `error`, `canceled`. For a canceled run whose node threw, n8n's engine reports `error` unless the message contains
   * “canceled”; its server stores `canceled` in any case.
   */
  readonly status: string;
  /** The error that the workflow failed with. */
  readonly error: NodeError | undefined;
  /** The items of the last run of a node. A branch without items is empty; the responses of a tool have the `connection` `ai_tool`. */
  readonly output: (nodeName: string, branch?: number, connection?: string) => readonly Item[];
  readonly runs: (nodeName: string) => readonly TaskData[];
  readonly hints: (nodeName: string) => readonly Hint[];
  readonly runData: RunData;
}

interface Surroundings {
  readonly modules: N8nModules;
  readonly credentials: CredentialStore;
  readonly user: string;
}

let executions = 0;

export async function execute({ modules, credentials, user }: Surroundings, options: RunOptions): Promise<Run> {
  const { container, core, workflow: n8nWorkflow } = modules;
  const { mode = 'trigger', signal, onNodeStart } = options;
  const executionId = options.executionId ?? String(++executions);
  const workflowId = options.workflowId ?? 'wanImageWorkflow';
  const settings = { executionOrder: 'v1', ...options.workflow.settings };
  credentials.use(options.credentials ?? {});
  const workflowData = {
    id: workflowId,
    name: options.workflow.name ?? 'Workflow',
    nodes: nodesOf(options),
    connections: structuredClone(options.workflow.connections),
    active: false,
    settings,
    staticData: {},
  };
  const workflow = new n8nWorkflow.Workflow({ ...workflowData, nodeTypes: container.get(modules.nodeTypes) });
  const hooks = new core.ExecutionLifecycleHooks(mode, executionId, workflowData);
  if (onNodeStart !== undefined) hooks.addHandler('nodeExecuteBefore', onNodeStart);
  const additionalData = {
    ...(await modules.additionalData({ userId: user, workflowSettings: settings })),
    workflowId,
    executionId,
    hooks,
    setExecutionStatus: () => undefined,
    sendDataToUI: () => undefined,
  };
  const items = await Promise.all(
    (options.input ?? [{ json: {} }]).map((item) => stored(modules, item, executionId, workflowId)),
  );
  const running = new core.WorkflowExecute(additionalData, mode).run({
    workflow,
    startNode: workflow.getNode(options.startNode ?? startOf(options.workflow)),
    ...(mode === 'manual' ? {} : { triggerToStartFrom: { data: { data: { main: [items] } } } }),
  });
  const cancel = (): void => running.cancel();
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel);
  try {
    return runOf(await running);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Copies: n8n reads a workflow for each execution, and modifies it. */
function nodesOf({ workflow, credentials = {} }: RunOptions): object[] {
  return workflow.nodes.map((node, index) => ({
    id: node.name,
    position: [index * 200, 0],
    ...structuredClone(node),
    credentials: {
      ...node.credentials,
      ...Object.fromEntries(Object.keys(credentials).map((type) => [type, { id: type, name: type }])),
    },
  }));
}

function startOf({ nodes }: WorkflowJson): string {
  const start: WorkflowNode | undefined = nodes.find(({ type }) => /trigger$/i.test(type)) ?? nodes[0];
  if (start === undefined) throw new Error('The workflow has no nodes.');
  return start.name;
}

async function stored(modules: N8nModules, item: InputItem, executionId: string, workflowId: string): Promise<Item> {
  const { json, binary } = item;
  if (binary === undefined) return { json };
  const files = await Promise.all(
    Object.entries(binary).map(async ([field, file]): Promise<[string, BinaryData]> => {
      const { data, fileName, mimeType } = file;
      return [field, await modules.core.prepareBinaryData(data, executionId, workflowId, fileName, mimeType)];
    }),
  );
  return { json, binary: Object.fromEntries(files) };
}

function runOf({ status, data }: FullRunData): Run {
  const { runData, error } = data.resultData;
  const runs = (nodeName: string): readonly TaskData[] => runData[nodeName] ?? [];
  return {
    status,
    error,
    runData,
    runs,
    output: (nodeName, branch = 0, connection = 'main') => runs(nodeName).at(-1)?.data?.[connection]?.[branch] ?? [],
    hints: (nodeName) => runs(nodeName).flatMap(({ hints }) => hints ?? []),
  };
}
