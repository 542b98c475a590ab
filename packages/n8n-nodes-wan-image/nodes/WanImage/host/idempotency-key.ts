import type { IExecuteFunctions } from 'n8n-workflow';
import { isToolRun } from './agent.ts';

/**
 * The same for the same item of the same run of a node, so that what n8n sends again by itself (Retry On Fail) is not made and billed
 * again by a server that honours the key. A hash, because an execution's number alone is the same in every n8n. Of a tool the request
 * counts too: an agent may call it several times at once, as the same item of the same run.
 */
export async function idempotencyKey(context: IExecuteFunctions, item: number, request: unknown): Promise<string> {
  const execution = context.getExecutionId() as string | undefined;
  // An execution that is not kept has no number, and must not share its keys with others of its kind.
  if (execution === undefined) return `n8n-${crypto.randomUUID()}`;
  const { $runIndex } = context.getWorkflowDataProxy(item);
  const where = [context.getInstanceId(), context.getWorkflow().id, execution, context.getNode().id, $runIndex, item];
  const parts = isToolRun(context) ? [...where, request] : where;
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify(parts)));
  return `n8n-${Buffer.from(digest).toString('hex')}`;
}
