import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

/** What is wrong with a field that the contract knows nothing of. */
export function fieldProblem(
  context: IExecuteFunctions,
  itemIndex: number,
  displayName: string,
  what: string,
): NodeOperationError {
  return new NodeOperationError(context.getNode(), `${displayName}: ${what}`, {
    itemIndex,
    description: 'Nothing was sent, so nothing was billed.',
  });
}
