import type { IExecuteFunctions } from 'n8n-workflow';
import { isToolRun } from './tool-run.ts';

/**
 * The key of one item in one run of the node. A retry by n8n has the same key, so a service that honours keys bills it once: Retry On Fail,
 * and *Retry* of a failed execution, whose `origin` is that of the first. Hashed together with the instance, because execution numbers
 * repeat between instances. For a tool the request is part of the key: an agent may call the tool several times for the same item of the
 * same run. For others it is not: a retry whose earlier nodes give other data would be a new request, and bill what the first may have billed.
 */
export async function idempotencyKey(
  context: IExecuteFunctions,
  origin: string | undefined,
  item: number,
  { parameters, request }: { readonly parameters: string; readonly request: unknown },
): Promise<string> {
  // An unsaved execution has no number. A random key keeps it from sharing the keys of other unsaved executions.
  if (origin === undefined) return `n8n-${crypto.randomUUID()}`;
  const { $runIndex } = context.getWorkflowDataProxy(item);
  const node = [context.getInstanceId(), context.getWorkflow().id, origin, context.getNode().id, parameters];
  const ofItem = [...node, $runIndex, item];
  const parts = isToolRun(context) ? [...ofItem, request] : ofItem;
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify(parts)));
  return `n8n-${Buffer.from(digest).toString('hex')}`;
}
