import { WanImageError, type GeneratedImage } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Connection } from '../host/connect.ts';
import type { NodeStream } from '../host/n8n-transport.ts';
import type { PaidImage } from './paid-requests.ts';

/**
 * The images of a request of an earlier execution, with their bytes from its files in n8n's storage, or else from their URLs. The files
 * belong to that execution, and n8n deletes them with it, so the new execution gets copies.
 */
export function restoredImages(
  context: IExecuteFunctions,
  { download, streams }: Connection,
  { images, generationId }: { readonly images: readonly PaidImage[]; readonly generationId: string | null },
  { hasFiles }: { readonly hasFiles: boolean },
): GeneratedImage[] {
  return images.map(({ index, url, revisedPrompt, binary }) => {
    async function* stream(): AsyncIterable<Uint8Array> {
      let hasStarted = false;
      try {
        if (binary === null) throw new Error('it was not stored');
        for await (const chunk of await bytesOf(context, binary, streams.learn)) {
          hasStarted = true;
          yield chunk;
        }
      } catch (cause) {
        if (hasStarted || url === null) throw unavailable(cause);
        yield* download({ url, index, generationId });
      }
    }
    const bytes = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream()) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const inline = binary !== null && (hasFiles || url === null);
    return { index, url, revisedPrompt, inline, stream, bytes };
  });
}

async function bytesOf(
  { helpers }: IExecuteFunctions,
  { id, data }: IBinaryData,
  learn: (stream: NodeStream) => void,
): Promise<AsyncIterable<Uint8Array> | readonly Uint8Array[]> {
  if (id === undefined) return [Buffer.from(data, 'base64')];
  const stream = (await helpers.getBinaryStream(id)) as unknown as NodeStream;
  learn(stream);
  return stream;
}

function unavailable(cause: unknown): WanImageError {
  return new WanImageError(
    'The image was generated and billed by the execution that this one retries, but n8n has deleted its file.',
    { kind: 'download_failed', fault: 'caller', outcome: 'billed' },
    { cause },
  );
}
