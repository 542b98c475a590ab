import { createClient as createPortableClient, type Client } from './client/create-client.ts';
import {
  createHistoryClient as createPortableHistoryClient,
  type HistoryClient,
} from './client/create-history-client.ts';
import { withDefaults, type DefaultedClientOptions, type Host } from './client/default-options.ts';
import { createFetchTransport } from './transport/fetch-transport.ts';
import type { Transport } from './transport/transport.ts';

// The one `export *`: the same names as the portable door, so that two lists cannot drift apart.
export * from './portable.ts';
export type { ApiKeyList, ApiKeyRecord, CreatedApiKey, ProjectList, ProjectRecord } from './contract/access-records.ts';
export {
  parseApiKeyListQuery,
  parseCreateApiKey,
  parseCreateProject,
  type ApiKeyListQuery,
  type CreateApiKeyRequest,
  type CreateProjectRequest,
} from './contract/access-requests.ts';
export { API_KEY_SCOPES, SPEND_PERIODS, AMOUNT, type ApiKeyScope, type SpendPeriod } from './contract/access-rules.ts';
export { acceptRequest, acceptRequestWithImages, type AcceptedRequest } from './contract/accept-request.ts';
export { inputImagesOf, PARAMETERS } from './contract/generation-request.ts';
export { errorBody } from './contract/error-body.ts';
export { generationResponse } from './contract/generation-response.ts';
export { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, parseListQuery, type ListQuery } from './contract/list-query.ts';
export { parseResolution } from './contract/resolution.ts';
export { parseRetryHeaders, type RetryHints } from './contract/retry-headers.ts';
export { parseThumbnailWidth, THUMBNAIL_WIDTHS } from './contract/thumbnail-width.ts';
export { readUuid } from './contract/uuid.ts';
export { parseWaitQuery, type WaitQuery } from './contract/wait-query.ts';
export {
  base64Problem,
  byteCountProblem,
  dataUriHeaderProblem,
  judgeImageBytes,
  statedImageProblem,
} from './contract/input-image-rules.ts';
export { InputImage } from './contract/input-image.ts';
export { RefusedImage } from './contract/refused-image.ts';
export { isAllowedRatio } from './contract/size-rules.ts';
export { MAX_WAIT_SECONDS, MIN_TEXT_TO_IMAGE_PIXELS } from './contract/limits.ts';
export type { ImageEvent, ImageScanner } from './protocol/image-scanner.ts';
export { createRequestScanner } from './protocol/request-scanner.ts';
export { contractJsonSchemas, type JsonSchema } from './contract/json-schema.ts';
export { systemClock } from './client/system-clock.ts';
export { VENDOR_BASE_URL, type DefaultedClientOptions } from './client/default-options.ts';

/** A client of the contract, with network, timers and randomness of the host plugged in. */
export function createClient(options: DefaultedClientOptions): Client {
  return createPortableClient(withDefaults(options, host()));
}

/** A client of a history service, with network, timers and randomness of the host plugged in. */
export function createHistoryClient(options: DefaultedClientOptions): HistoryClient {
  return createPortableHistoryClient(withDefaults(options, host()));
}

/** The transport that a client has here when it is given none; for whoever wants to wrap it. */
export function createDefaultTransport(): Transport {
  // Not `fetch` itself: looked up at each call, so that a test or a tracer may replace it.
  return createFetchTransport((url, init) => fetch(url, init));
}

function host(): Host {
  return { transport: createDefaultTransport() };
}
