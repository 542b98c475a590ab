import { isWanImageError } from '@wan-image/core';
import { TooManyBytesError } from './unrecognized-bytes.ts';

const GONE = 410;

/**
 * Why an image can never be fetched, as a warning of its record; null if another attempt may succeed. An HTTP status is no such reason,
 * except for 410: hosts respond in many ways while they are in trouble.
 */
export function finalProblemOf(error: unknown): string | null {
  if (error instanceof TooManyBytesError) return `The image could not be stored: ${error.message}.`;
  if (!isWanImageError(error) || error.retryable || error.kind === 'canceled') return null;
  if (error.remedy === 'raise_max_image_bytes')
    return `The image could not be stored: it is larger than ${error.limit} bytes.`;
  if (error.remedy === 'allow_private_hosts')
    return 'The image could not be stored: its URL leads to a private address.';
  if (error.status === GONE) return 'The image could not be stored: its host has deleted it (410).';
  if (error.status === null)
    return 'The image could not be stored: its URL is not an http(s) URL, or it redirects too often.';
  return null;
}
