import { WanImageError } from '../errors/wan-image-error.ts';
import type { ClientOptions } from './client-options.ts';

/** A host, and after it at most a path. */
const BASE_URL = /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/i;

/** What can stand in a header. */
const API_KEY = /^[\x21-\x7e]+$/;

/** Refuses at once what would fail at every call, and less clearly. The key is never quoted. */
export function checkOptions({ baseUrl, apiKey }: Pick<ClientOptions, 'baseUrl' | 'apiKey'>): void {
  if (typeof baseUrl !== 'string' || !BASE_URL.test(baseUrl)) {
    throw wrong('baseUrl', `baseUrl must be a URL such as "http://127.0.0.1:3000", got ${JSON.stringify(baseUrl)}.`);
  }
  if (typeof apiKey !== 'string' || !API_KEY.test(apiKey)) {
    throw wrong(
      'apiKey',
      'apiKey must be ASCII characters without spaces: look for quotes or line breaks that were pasted along.',
    );
  }
}

function wrong(param: string, message: string): WanImageError {
  return new WanImageError(message, { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed', param });
}
