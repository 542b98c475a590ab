import type { HttpRequest } from '../protocol/build-request.ts';
import type { ConnectionOptions } from './client-options.ts';

/** The headers of a request to the API: those of the options, then those of the request, then the key. */
export function headersOf(options: ConnectionOptions, request: HttpRequest): Record<string, string> {
  const { apiKey } = options;
  // Not an empty header: it would take precedence over the session of a page.
  const authorization = apiKey && { authorization: `Bearer ${apiKey}` };
  return { ...lowerCased(options.headers), ...request.headers, ...authorization };
}

/** Lower-case names, so that a custom header cannot appear next to one of ours in another case. */
function lowerCased(headers: ConnectionOptions['headers'] = {}): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}
