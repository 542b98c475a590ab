import { isWanImageError, type WanImageError } from '@wan-image/core/portable';
import type { ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';
import { connectionAdvice } from './errors/connection-advice.ts';
import { fieldMessage } from './errors/field-message.ts';
import { asError } from './errors/node-error.ts';
import { connectionOf, type Connection } from './host/connect.ts';
import { createCredentialTransport, type CredentialRequest } from './host/credential-transport.ts';

const LIMITS = { timeoutMs: 20_000, retry: { maxRetries: 0 } };

/**
 * The test of the credential dialog, with the client of the node, so that what passes here works there: the models that the key may use,
 * and of a history service an image too. Nothing that is billed.
 */
export async function testCredential(
  request: CredentialRequest,
  { data }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  try {
    const connection = connectionOf(data ?? {}, createCredentialTransport(request));
    await connection.client.models(LIMITS);
    await downloadAny(connection);
    return { status: 'OK', message: 'Connection successful' };
  } catch (error) {
    return { status: 'Error', message: isWanImageError(error) ? messageOf(error) : asError(error).message };
  }
}

/** An image of a history service, by the same request with which the node downloads images. A key without the scope `read` sees none. */
async function downloadAny({ library, isHistory }: Connection): Promise<void> {
  if (!isHistory()) return;
  const records = await library.page({ ...LIMITS, limit: 5 }).catch(() => ({ data: [] }));
  const image = records.data.flatMap(({ images }) => images).find(({ state }) => state === 'stored');
  if (image === undefined) return;
  for await (const _bytes of library.downloadImage(image.id, LIMITS)) return;
}

function messageOf(error: WanImageError): string {
  const { status, kind, summary, serverMessage } = error;
  // Not the summary: its advice would be the second one.
  const said = serverMessage === null ? '' : ` It says: ${serverMessage}`;
  if (kind === 'invalid_request') return fieldMessage(error, {});
  if (kind === 'download_failed') return `The service works, but an image of it cannot be downloaded: ${summary}`;
  if (status === 401) return `The service rejected this API key (401). Check the key and the Base URL.${said}`;
  if (status === 403) return `This API key may not use the service (403). Check its permissions.${said}`;
  if (status === 404 || status === 405) {
    return `No Wan image API found at this Base URL (${status}). Enter the part of the URL before /v1.`;
  }
  if (kind === 'unreadable_response') {
    return 'The service at this Base URL is no Wan image API. Enter the part of the URL before /v1.';
  }
  return [summary, connectionAdvice(summary)].filter((part) => part !== null).join(' ');
}
