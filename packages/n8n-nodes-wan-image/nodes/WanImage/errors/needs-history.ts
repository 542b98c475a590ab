import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

/** The error of what only a history service can do. `subject` is the field that asks for it. */
export function needsHistory(context: Pick<IExecuteFunctions, 'getNode'>, subject = ''): NodeOperationError {
  const service = subject === '' ? 'The service' : `${subject}: the service`;
  return new NodeOperationError(
    context.getNode(),
    `${service} of the credential is no history service, which this needs: it keeps no generations.`,
    {
      description:
        'Nothing was sent, so nothing was billed. A wan-image history service records each generation and its images: start one as https://github.com/wan-image/wan-image#readme describes, and enter its URL as the Base URL of the credential.',
    },
  );
}
