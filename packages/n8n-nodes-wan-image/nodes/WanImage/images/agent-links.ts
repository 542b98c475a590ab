import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Image } from './image.ts';

/** To n8n's copy where there is one that it can sign a link to, else to where the service keeps it. */
export function linkTo(context: IExecuteFunctions, { binary, url }: Image): string | null {
  if (binary?.id === undefined) return url;
  try {
    return context.helpers.createBinarySignedUrl(binary);
  } catch {
    // The image is paid for: a link that n8n cannot make is no reason to lose it.
    return url;
  }
}

/** n8n can sign a link to what it stores, but not to what it holds in memory: said before anything is paid for. */
export async function refuseLinksFromMemory(context: IExecuteFunctions, itemIndex: number): Promise<void> {
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
