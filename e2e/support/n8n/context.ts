import { disposable } from '@wan-image/testing/resource';
import type { N8nModules } from './modules.ts';
import type { CredentialStore } from './services.ts';
import type { CredentialData, WorkflowNode } from './types.ts';

/** The part of a node's `this` that a transport needs. */
export interface ExecuteContext {
  readonly helpers: Readonly<
    Record<'httpRequest' | 'httpRequestWithAuthentication', (...parameters: never[]) => Promise<unknown>>
  >;
  getCredentials<T extends object>(type: string): Promise<T>;
}

export interface ContextOptions {
  readonly node: WorkflowNode;
  readonly credentials: Readonly<Record<string, CredentialData>>;
  /** Cancels the execution. */
  readonly signal?: AbortSignal;
}

/** The context of an executed node, without an execution. */
export async function contextOf(
  {
    modules,
    credentials,
    user,
  }: { readonly modules: N8nModules; readonly credentials: CredentialStore; readonly user: string },
  options: ContextOptions,
): Promise<ExecuteContext & AsyncDisposable> {
  const { container, core, workflow: n8nWorkflow } = modules;
  credentials.use(options.credentials);
  const stored = Object.keys(options.credentials).map((type) => [type, { id: type, name: type }]);
  const node = { id: options.node.name, position: [0, 0], ...options.node, credentials: Object.fromEntries(stored) };
  const workflow = new n8nWorkflow.Workflow({
    id: 'wanImageWorkflow',
    nodes: [node],
    connections: {},
    active: false,
    nodeTypes: container.get(modules.nodeTypes),
  });
  // Expressions add credentials to requests, and run in an isolate that belongs to an execution.
  await workflow.expression.acquireIsolate();
  const data = { main: [[{ json: {} }]] };
  const context = new core.ExecuteContext(
    workflow,
    node,
    { ...(await modules.additionalData({ userId: user })), executionId: 'context' },
    'trigger',
    { resultData: { runData: {} } },
    0,
    data.main[0],
    data,
    { node, data, source: null },
    [],
    options.signal ?? new AbortController().signal,
  ) as ExecuteContext;
  return disposable(context, () => workflow.expression.releaseIsolate());
}
