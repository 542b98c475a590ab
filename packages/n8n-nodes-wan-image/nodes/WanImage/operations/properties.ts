import { NodeOperationError, updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Operation, Operations } from './operation.ts';

/** The options of the parameter `operation` for one resource. */
export function optionsOf(operations: Operations[string]): INodePropertyOptions[] {
  return Object.entries(operations).map(([value, { option }]) => Object.assign({ value }, option));
}

/** The fields of all operations, each shown for its own operation. */
export function fieldsOf(operations: Operations): INodeProperties[] {
  return Object.entries(operations).flatMap(([resource, ofResource]) =>
    Object.entries(ofResource).flatMap(([operation, { fields }]) =>
      updateDisplayOptions({ show: { resource: [resource], operation: [operation] } }, [...fields]),
    ),
  );
}

/** The operation that the parameters `resource` and `operation` choose, which are the same for all items. */
export function chosenOperation(context: IExecuteFunctions, operations: Operations): Operation {
  const resource = context.getNodeParameter('resource', 0, '');
  const operation = context.getNodeParameter('operation', 0, '');
  const ofResource = ownValue(operations, resource);
  const chosen = ofResource && ownValue(ofResource, operation);
  if (chosen !== undefined) return chosen;
  if ([resource, operation].includes(CUSTOM_API_CALL)) {
    throw new NodeOperationError(
      context.getNode(),
      'Operation: a custom API call is not an operation of this node. Use the HTTP Request node with the credential type Wan Image API.',
    );
  }
  throw new NodeOperationError(
    context.getNode(),
    `Operation: "${resource}" has no operation "${operation}". Choose one from the list.`,
  );
}

/** n8n adds this option to the lists of every node with a credential. */
const CUSTOM_API_CALL = '__CUSTOM_API_CALL__';

/** An expression may give the name of a property that every object has. */
function ownValue<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
