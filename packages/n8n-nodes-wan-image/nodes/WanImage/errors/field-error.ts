import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

const NOT_BILLED = 'Nothing was sent, so nothing was billed.';

/** An error of a field that exists only in the node, so that the contract cannot check it. `problem` continues "Field: ". */
export function fieldError(
  context: IExecuteFunctions,
  itemIndex: number,
  displayName: string,
  problem: string,
  remedy = '',
): NodeOperationError {
  return new NodeOperationError(context.getNode(), `${displayName}: ${problem}`, {
    itemIndex,
    description: `${remedy} ${NOT_BILLED}`.trim(),
  });
}
