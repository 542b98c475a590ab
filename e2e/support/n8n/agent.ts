import type { CredentialData, JsonObject, WorkflowJson, WorkflowNode } from './types.ts';

/**
 * The two ways in which n8n's agents use a tool. `engine`: the tool runs as a node of the workflow, between two runs of the agent
 * (agents since 3). `inline`: the agent calls it within its own run (agents before 3), in a context that knows it is a tool.
 */
export type AgentKind = 'engine' | 'inline';

const VERSIONS = { engine: 3, inline: 2.2 } as const satisfies Record<AgentKind, number>;

export const AGENT = 'Agent';

/** A trigger, n8n's own agent with an OpenAI model, and one tool. */
export function agentWorkflow(tool: WorkflowNode, kind: AgentKind, agent: Partial<WorkflowNode> = {}): WorkflowJson {
  const linked = (type: string): JsonObject & WorkflowJson['connections'][string] => ({
    [type]: [[{ node: AGENT, type, index: 0 }]],
  });
  return {
    name: 'Agent',
    nodes: [
      { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
      {
        name: AGENT,
        type: '@n8n/n8n-nodes-langchain.agent',
        typeVersion: VERSIONS[kind],
        parameters: { promptType: 'define', text: 'Make an image.', options: { returnIntermediateSteps: true } },
        ...agent,
      },
      {
        name: 'Model',
        type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
        // Later versions may use OpenAI's Responses API, which the fake model does not have.
        typeVersion: 1.2,
        parameters: { model: { __rl: true, mode: 'id', value: 'gpt-4o-mini' }, options: { maxRetries: 0 } },
      },
      tool,
    ],
    connections: { Start: linked('main'), Model: linked('ai_languageModel'), [tool.name]: linked('ai_tool') },
    settings: { executionOrder: 'v1' },
  };
}

/** A credential of type `openAiApi` for a fake model. */
export function openAiCredential(baseUrl: string): CredentialData {
  return { apiKey: 'sk-e2e', url: baseUrl, header: false };
}
