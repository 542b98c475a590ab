import type { IExecuteFunctions } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import type { ResultImage } from './generation-result.ts';

/** A signed link to n8n's copy where there is one, else the URL of the service. */
export function linkTo(context: IExecuteFunctions, { binary, url }: ResultImage): string | null {
  if (binary?.id === undefined) return url;
  try {
    return context.helpers.createBinarySignedUrl(binary);
  } catch {
    // The image is billed: a link that n8n cannot sign must not cost it.
    return url;
  }
}

/** n8n signs links to stored binary data, but not to binary data in memory. Checked before anything is billed. */
export async function refuseLinksFromMemory(context: IExecuteFunctions, itemIndex: number): Promise<void> {
  const probe = await context.helpers.prepareBinaryData(Buffer.from('probe'), 'probe.txt', 'text/plain');
  if (probe.id !== undefined) return;
  throw fieldError(
    context,
    itemIndex,
    'Link for the Agent',
    'this n8n keeps binary data in memory and cannot sign a link to it.',
    'Choose "URL of the Service", or let n8n store binary data (N8N_DEFAULT_BINARY_DATA_MODE=filesystem).',
  );
}
