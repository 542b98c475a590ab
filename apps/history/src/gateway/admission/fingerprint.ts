import type { AcceptedRequest, ClientReference } from '@wan-image/core';
import { canonicalHash } from '../../domain/canonical-hash.ts';
import { StoredInput } from '../intake/stored-input.ts';

/** A request that makes an earlier generation again. */
export interface Rerun {
  /** The earlier generation. */
  readonly of: string;
  /** Whether its input images are those of the earlier generation. */
  readonly inheritsImages: boolean;
}

type Fingerprinted = Pick<AcceptedRequest, 'request' | 'extra'> & ClientReference;

/**
 * Equal for equivalent requests, however they are written: it hashes the accepted request with defaults filled in and with the hash of
 * each input image in place of its bytes, so that a form and JSON have the same fingerprint.
 */
export function fingerprintOf({ request, extra, user, metadata }: Fingerprinted): string {
  const reference = { ...(user !== null && { user }), ...(metadata !== null && { metadata }) };
  return hashOf({ ...extra, ...reference, ...request });
}

/**
 * The same of a rerun, which differs from the request that it makes again. Inherited images count as those of the earlier generation, however
 * they are sent: between a request and its repetition a copy of a URL may have been stored, and it is the same request.
 */
export function rerunFingerprintOf({ request, extra, user, metadata }: Fingerprinted, rerun: Rerun): string {
  const { image, ...others } = request;
  const images = rerun.inheritsImages ? {} : { image };
  return hashOf({ rerun_of: rerun.of, request: { ...extra, ...others, ...images }, user, metadata });
}

function hashOf(value: object): string {
  return canonicalHash(value, describeInput);
}

function describeInput(value: object): string | null {
  if (!(value instanceof StoredInput)) return null;
  const { sha256, mimeType } = value.kept;
  // The type is detected from the bytes, whatever type the client declared.
  return `p${mimeType}:${sha256};`;
}
