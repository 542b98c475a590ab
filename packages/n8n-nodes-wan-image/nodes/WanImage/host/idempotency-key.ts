import type { IExecuteFunctions } from 'n8n-workflow';
import { isToolRun } from './tool-run.ts';

/**
 * The key of one item in one run of the node. A retry by n8n has the same key, so a service that honours keys bills it once: Retry On Fail,
 * and *Retry* of a failed execution, for which `execution` is the number of the first. Hashed together with the instance, because execution numbers repeat between instances. For a tool the request is part of
 * the key: an agent may call the tool several times for the same item of the same run.
 */
export async function idempotencyKey(
  context: IExecuteFunctions,
  execution: string | undefined,
  item: number,
  request: unknown,
): Promise<string> {
  // An unsaved execution has no number. A random key keeps it from sharing the keys of other unsaved executions.
  if (execution === undefined) return `n8n-${crypto.randomUUID()}`;
  const { $runIndex } = context.getWorkflowDataProxy(item);
  const origin = [context.getInstanceId(), context.getWorkflow().id, execution, context.getNode().id, $runIndex, item];
  const parts = isToolRun(context) ? [...origin, request] : origin;
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify(parts)));
  return `n8n-${Buffer.from(digest).toString('hex')}`;
}
