import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '@wan-image/simulator';
import { disposable } from '@wan-image/testing/resource';
import { packedNode } from './node-package.ts';
import { startN8n, type N8nServer } from './server.ts';
import type { WorkflowJson } from './types.ts';

const EXAMPLES = join(import.meta.dirname, '../../../packages/n8n-nodes-wan-image/examples');

export interface WanImageServer {
  readonly n8n: N8nServer;
  /** The service of the credential. */
  readonly simulator: Simulator;
  /** The id of a credential for the simulator. */
  readonly credential: string;
}

/** The real n8n with the node installed as by n8n's installer, and a credential for a simulator. */
export async function startWanImageServer(): Promise<WanImageServer & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  try {
    const { tarball } = resources.use(await packedNode());
    const simulator = await startSimulator({ port: 0, latencyMs: 10 });
    resources.defer(() => simulator.close());
    const n8n = resources.use(await startN8n({ tarball }));
    const credential = await n8n.createCredential('Wan Image API', 'wanImageApi', {
      baseUrl: simulator.url,
      apiKey: 'any',
    });
    return disposable({ n8n, simulator, credential }, () => resources.disposeAsync());
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** The credential of each node type, with the type of the credential. */
type Credentials = Readonly<Record<string, { readonly type: string; readonly id: string }>>;

/** An example as users import it, with its credentials linked, as users have to do. */
export async function example(file: string, credentials: Credentials): Promise<WorkflowJson> {
  return linked(JSON.parse(await readFile(join(EXAMPLES, file), 'utf8')) as WorkflowJson, credentials);
}

export function linked(workflow: WorkflowJson, credentials: Credentials): WorkflowJson {
  const nodes = workflow.nodes.map((node) => {
    const credential = credentials[node.type];
    if (credential === undefined) return node;
    return { ...node, credentials: { [credential.type]: { id: credential.id, name: credential.type } } };
  });
  return { ...workflow, nodes };
}

/** The same credential for the node, for its variant for agents, and for the trigger. */
export function wanImage(id: string): Credentials {
  const credential = { type: 'wanImageApi', id };
  return {
    'n8n-nodes-wan-image.wanImage': credential,
    'n8n-nodes-wan-image.wanImageTool': credential,
    'n8n-nodes-wan-image.wanImageTrigger': credential,
  };
}
