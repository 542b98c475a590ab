import { isWanImageError, WanImageError } from '@wan-image/core/portable';
import { asError } from './node-error.ts';

/** The failure of a billed image: its download, or n8n's storage. */
export function billedFailure(cause: unknown): WanImageError {
  if (isWanImageError(cause)) return cause;
  return new WanImageError(
    notStored('The image was', 'it', cause),
    { kind: 'sink_failed', fault: 'caller', outcome: 'billed' },
    { cause },
  );
}

export function notStored(subject: string, object: string, cause: unknown): string {
  return `${subject} generated, but n8n could not store ${object}: ${asError(cause).message.replace(/\.$/, '')}.`;
}
