import type { Item, JsonObject, WorkflowJson, WorkflowNode } from './types.ts';

/** The start node of every workflow of the tests. Its output is the `input` of the run. */
export const START = 'Start';

/** A start node and these nodes, connected in order. A last argument without a name is the settings of the workflow. */
export function chain(...parts: readonly (WorkflowNode | JsonObject)[]): WorkflowJson {
  const nodes = [
    { name: START, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    ...parts.filter((part): part is WorkflowNode => 'name' in part),
  ];
  const settings = parts.find((part): part is JsonObject => !('name' in part)) ?? {};
  const links = nodes.slice(1).map(({ name }, index) => [nodes[index]!.name, { main: [[to(name)]] }] as const);
  return { nodes, connections: Object.fromEntries(links), settings };
}

function to(node: string): { node: string; type: string; index: number } {
  return { node, type: 'main', index: 0 };
}

/** A Set node that outputs only these fields, each a text or an expression. */
export function keepOnly(fields: Readonly<Record<string, string>>, name = 'Keep'): WorkflowNode {
  const assignments = Object.entries(fields).map(([key, value]) => ({ id: key, name: key, type: 'string', value }));
  return {
    name,
    type: 'n8n-nodes-base.set',
    typeVersion: 3.4,
    parameters: { assignments: { assignments }, includeOtherFields: false, options: {} },
  };
}

/** A workflow for the server in which nodes use a stored credential. (The engine gives its credentials to all nodes.) */
export function withCredential(workflow: WorkflowJson, nodeName: string, type: string, id: string): WorkflowJson {
  const nodes = workflow.nodes.map((node) =>
    node.name === nodeName ? { ...node, credentials: { ...node.credentials, [type]: { id, name: type } } } : node,
  );
  return { ...workflow, nodes };
}

export function field(item: Item, name: string): unknown {
  return item.json[name];
}
