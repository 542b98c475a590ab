import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

const NOTHING_SENT = 'Nothing was sent, so nothing was billed.';

/** What is wrong with a field that the contract knows nothing of. */
export function fieldProblem(
  context: IExecuteFunctions,
  itemIndex: number,
  displayName: string,
  what: string,
  remedy = '',
): NodeOperationError {
  return new NodeOperationError(context.getNode(), `${displayName}: ${what}`, {
    itemIndex,
    description: `${remedy} ${NOTHING_SENT}`.trim(),
  });
}
