import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { ErrorPlace } from './node-error.ts';

/** Whether a language model called: as a node of its own, whose type n8n names after ours, or in the older way from inside an agent. */
export function isToolRun(context: IExecuteFunctions): boolean {
  return (
    context.getNode().type.endsWith('Tool') || (context.isToolExecution as (() => boolean) | undefined)?.() === true
  );
}

/** n8n can sign a link to what it stores, but not to what it holds in memory: said before anything is paid for. */
export async function refuseLinksFromMemory(context: IExecuteFunctions, { itemIndex = 0 }: ErrorPlace): Promise<void> {
  const probe = await context.helpers.prepareBinaryData(Buffer.from('probe'), 'probe.txt', 'text/plain');
  if (probe.id !== undefined) return;
  throw new NodeOperationError(
    context.getNode(),
    'Link for the Agent: this n8n keeps binary data in memory, and cannot sign a link to it',
    {
      itemIndex,
      description:
        'Nothing was sent, so nothing was billed. Choose "URL of the Service", or have n8n store binary data (N8N_DEFAULT_BINARY_DATA_MODE=filesystem).',
    },
  );
}
