import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BinaryData,
  CredentialData,
  CredentialTestResult,
  JsonObject,
  NodeError,
  RunData,
  WorkflowJson,
} from './types.ts';

/** An execution as n8n stored it. */
interface Execution {
  readonly id: string;
  readonly status: string;
  readonly error: NodeError | undefined;
  readonly runData: RunData;
}

export interface N8nRest {
  createCredential(name: string, type: string, data: CredentialData): Promise<string>;
  /** Creates a credential and tests it, as its dialog does on saving. */
  testCredential(name: string, type: string, data: CredentialData): Promise<CredentialTestResult>;
  createWorkflow(workflow: WorkflowJson): Promise<string>;
  /** Its triggers are registered some tenths of a second later: until then a webhook is a 404. */
  activate(workflowId: string): Promise<void>;
  /** As the editor's button does. Returns the execution's id without waiting for its end. */
  startManually(workflowId: string, startNode: string): Promise<string>;
  /** The same, and waits until it has ended. */
  runManually(workflowId: string, startNode: string): Promise<Execution>;
  stop(executionId: string): Promise<void>;
  execution(executionId: string): Promise<Execution>;
  /** Waits until it has ended. Default: at most one minute. */
  ended(executionId: string, timeoutMs?: number): Promise<Execution>;
  binary(data: BinaryData): Promise<Buffer>;
  /** Every node, as the editor gets them: 18 MB. */
  nodeTypes(): Promise<readonly (JsonObject & { readonly name: string })[]>;
  /** Any other request of the editor; returns `data` of the response. */
  request(method: string, path: string, body?: unknown): Promise<unknown>;
}

export interface Owner {
  readonly email: string;
  readonly password: string;
}

/** A client of n8n's editor API. It logs in and creates a key for the public API, the only one with run data as plain JSON. */
export async function openRest(url: string, owner: Owner): Promise<N8nRest> {
  const session = new Session(url);
  await session.login(owner);
  const scopes = await session.data('GET', '/rest/api-keys/scopes');
  // A name of its own: an n8n that is started again has the key of its first start.
  const label = `e2e ${randomUUID()}`;
  const made = await session.data('POST', '/rest/api-keys', { label, expiresAt: null, scopes });
  session.apiKey = (made as { rawApiKey: string }).rawApiKey;
  const execution = async (id: string): Promise<Execution> => executionOf(await session.execution(id));
  const ended = (id: string, timeoutMs?: number): Promise<Execution> => untilEnded(() => execution(id), timeoutMs);
  const rest: N8nRest = {
    createCredential: async (name, type, data) =>
      idOf(await session.data('POST', '/rest/credentials', { name, type, data })),
    testCredential: async (name, type, data) => {
      // n8n tests only a stored credential.
      const id = await rest.createCredential(name, type, data);
      const tested = await session.data('POST', '/rest/credentials/test', { credentials: { id, name, type, data } });
      return tested as CredentialTestResult;
    },
    createWorkflow: async (workflow) => idOf(await session.data('POST', '/rest/workflows', editable(workflow))),
    activate: async (id) => {
      const { versionId } = (await session.data('GET', `/rest/workflows/${id}`)) as { versionId: string };
      await session.data('POST', `/rest/workflows/${id}/activate`, { versionId });
    },
    startManually: async (id, startNode) => {
      const workflowData = await session.data('GET', `/rest/workflows/${id}`);
      const run = { workflowData, triggerToStartFrom: { name: startNode } };
      return ((await session.data('POST', `/rest/workflows/${id}/run`, run)) as { executionId: string }).executionId;
    },
    runManually: async (id, startNode) => ended(await rest.startManually(id, startNode)),
    stop: async (id) => void (await session.data('POST', `/rest/executions/${id}/stop`)),
    execution,
    ended,
    binary: (data) => session.binary(data),
    nodeTypes: async () => (await session.send('GET', '/types/nodes.json')).json() as ReturnType<N8nRest['nodeTypes']>,
    request: (method, path, body) => session.data(method, path, body),
  };
  return rest;
}

class Session {
  apiKey = '';
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  async login({ email, password }: Owner): Promise<void> {
    const response = await this.send('POST', '/rest/login', { emailOrLdapLoginId: email, password });
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        // n8n binds a session to the browser that opened it.
        'browser-id': 'e2e',
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(this.apiKey === '' ? {} : { 'x-n8n-api-key': this.apiKey }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async data(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = await (await this.send(method, path, body)).text();
    return text === '' ? undefined : (JSON.parse(text) as { data?: unknown }).data;
  }

  async execution(id: string): Promise<StoredExecution> {
    const response = await this.send('GET', `/api/v1/executions/${id}?includeData=true`);
    return response.json() as Promise<StoredExecution>;
  }

  /** In mode `default` the item itself has the bytes, and n8n has no URL for them. */
  async binary({ id, data }: BinaryData): Promise<Buffer> {
    if (id === undefined) return Buffer.from(data, 'base64');
    const response = await this.send('GET', `/rest/binary-data?action=download&id=${encodeURIComponent(id)}`);
    return Buffer.from(await response.arrayBuffer());
  }
}

interface StoredExecution {
  readonly id: number | string;
  readonly status: string;
  readonly data?: { readonly resultData?: { readonly runData?: RunData; readonly error?: NodeError } };
}

function executionOf({ id, status, data }: StoredExecution): Execution {
  return { id: String(id), status, error: data?.resultData?.error, runData: data?.resultData?.runData ?? {} };
}

const UNFINISHED = new Set(['new', 'running', 'waiting', 'unknown']);

async function untilEnded(look: () => Promise<Execution>, timeoutMs = 60_000): Promise<Execution> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const execution = await look();
    if (!UNFINISHED.has(execution.status)) return execution;
    if (Date.now() > end) throw new Error(`Execution ${execution.id} is still ${execution.status}.`);
    await sleep(50);
  }
}

function idOf(data: unknown): string {
  return (data as { id: string }).id;
}

/** The editor gives every node an id and a position, which a workflow written by hand may lack. */
function editable(workflow: WorkflowJson): JsonObject {
  return {
    name: 'Workflow',
    active: false,
    ...workflow,
    settings: { executionOrder: 'v1', ...workflow.settings },
    nodes: workflow.nodes.map((node, index) => ({ id: node.name, position: [index * 200, 0], ...node })),
  };
}
