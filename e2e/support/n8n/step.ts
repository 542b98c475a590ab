import type { N8nModules, StepResult } from './modules.ts';
import type { CredentialStore } from './services.ts';
import type { CredentialData, WorkflowNode } from './types.ts';

export interface StepOptions {
  readonly node: WorkflowNode;
  readonly credentials: Readonly<Record<string, CredentialData>>;
  /** A UUID of version 7, as engine 2.0 numbers its executions. */
  readonly executionId: string;
}

/** A node as a step of n8n's engine 2.0, without its database: the step has one empty item, from a trigger. */
export async function executeStep(
  {
    modules,
    credentials,
    user,
  }: { readonly modules: N8nModules; readonly credentials: CredentialStore; readonly user: string },
  { node: { name, type, typeVersion, parameters }, executionId, ...options }: StepOptions,
): Promise<StepResult> {
  credentials.use(options.credentials);
  const stored = Object.keys(options.credentials).map((kind) => [kind, { id: kind, name: kind }]);
  const step = {
    id: name,
    name,
    type: 'v1-node',
    config: {
      nodeType: type,
      typeVersion,
      parameters,
      continueOnFail: false,
      credentials: Object.fromEntries(stored),
    },
  };
  const graph = {
    nodes: [{ id: 'start', name: 'Start', type: 'trigger' }, step],
    edges: [{ from: 'start', to: name, outputIndex: 0, inputIndex: 0 }],
  };
  const items = [[{ json: {} }]];
  const executor = new modules.stepExecutor({
    nodeTypes: modules.container.get(modules.nodeTypes),
    loadStepData: async () => ({ graph, outputsByNode: { start: { 0: items } } }),
    // As `EngineV2Runtime.buildAdditionalData` of n8n does it.
    additionalDataFactory: async (context: { readonly executionId: string }) => ({
      ...(await modules.additionalData({ userId: user })),
      executionId: context.executionId,
    }),
  });
  return executor.execute({
    node: step,
    inputs: items,
    context: {
      executionId,
      stepId: 'step',
      workflowId: 'wanImageWorkflow',
      mode: 'production',
      iteration: 0,
      callerContext: { hostMode: 'trigger', userId: user },
    },
  });
}
