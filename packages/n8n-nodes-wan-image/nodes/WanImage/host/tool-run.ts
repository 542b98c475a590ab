import type { IExecuteFunctions } from 'n8n-workflow';

/** Whether a language model runs the node: as the `…Tool` variant of the node or, in earlier versions of n8n, from inside an agent. */
export function isToolRun(context: IExecuteFunctions): boolean {
  return (
    context.getNode().type.endsWith('Tool') || (context.isToolExecution as (() => boolean) | undefined)?.() === true
  );
}
