import type { IExecuteFunctions } from 'n8n-workflow';

/** Whether a language model called: as a node of its own, whose type n8n names after ours, or in the older way from inside an agent. */
export function isToolRun(context: IExecuteFunctions): boolean {
  return (
    context.getNode().type.endsWith('Tool') || (context.isToolExecution as (() => boolean) | undefined)?.() === true
  );
}
