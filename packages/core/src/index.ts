import { createClient as createPortableClient, type Client } from './client/create-client.ts';
import { createHistoryClient as createPortableHistoryClient } from './client/create-history-client.ts';
import type { HistoryClient } from './client/history-client.ts';
import type { ClientOptions, HistoryClientOptions } from './client/client-options.ts';
import { withDefaults, type Host } from './client/default-options.ts';
import { createFetchTransport } from './transport/fetch-transport.ts';
import type { Transport } from './transport/transport.ts';

// The only `export *`: this entry point has all names of the portable one, and a second list could drift apart.
export * from './portable.ts';
export type {
  ApiKeyList,
  ApiKeyRecord,
  CreateApiKeyRequest,
  CreatedApiKey,
  CreateProjectRequest,
  CreateSessionRequest,
  ProjectList,
  ProjectRecord,
  SpendLimitChange,
  SpendLimitRecord,
  SpendLimitRequest,
  UpdateApiKeyRequest,
  UpdateProjectRequest,
} from './contract/access-types.ts';
export { parseCreateApiKey, parseCreateProject, parseCreateSession } from './contract/access-requests.ts';
export {
  parseApiKeyListQuery,
  parseProjectChoice,
  parseProjectListQuery,
  type ApiKeyListQuery,
  type ProjectListQuery,
} from './contract/access-queries.ts';
export { parseUpdateApiKey, parseUpdateProject } from './contract/access-updates.ts';
export { API_KEY_SCOPES, SPEND_PERIODS, AMOUNT, type ApiKeyScope, type SpendPeriod } from './contract/access-rules.ts';
export {
  acceptRequest,
  acceptRequestWithImages,
  type AcceptedBody,
  type AcceptedRequest,
} from './contract/accept-request.ts';
export {
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_PAIRS,
  MAX_METADATA_VALUE_CHARACTERS,
  MAX_USER_CHARACTERS,
  type ClientReference,
} from './contract/client-reference.ts';
export { inputImagesOf, PARAMETERS } from './contract/generation-request.ts';
export { errorBody } from './contract/error-body.ts';
export { generationResponse } from './contract/generation-response.ts';
export {
  DEFAULT_IMAGE_PAGE_SIZE,
  DEFAULT_PAGE_SIZE,
  MAX_IMAGE_PAGE_SIZE,
  MAX_PAGE_SIZE,
  parseGenerationListQuery,
  parseImageListQuery,
  parseListQuery,
  type FilteredListQuery,
  type FilteredPage,
  type ListQuery,
} from './contract/list-query.ts';
export { FILTER_NAMES, parseFilterQuery, parseGenerationFilter } from './contract/generation-filter.ts';
export {
  parseBulk,
  parseNoQuery,
  parsePurgeQuery,
  parseUpdateGeneration,
  parseUpdateImage,
  type BulkAction,
  type BulkRequest,
  type BulkTarget,
} from './contract/library-requests.ts';
export { MAX_EXPORT_GENERATIONS, parseExport, parseExportQuery, type ParsedExport } from './contract/export-request.ts';
export { MAX_NOTE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS, tagForm } from './contract/library-limits.ts';
export { MAX_SEARCH_CHARACTERS, MAX_SEARCH_WORDS, normalForm, searchWords } from './contract/search-query.ts';
export { readTime } from './contract/time.ts';
export {
  DEFAULT_STATISTICS_DAYS,
  parseStatisticsQuery,
  parseTimelineQuery,
  STATISTICS_GROUPS,
  type StatisticsQuery,
} from './contract/statistics.ts';
export { parseResolution } from './contract/resolution.ts';
export {
  DELIVERY_STATES,
  MAX_WEBHOOK_DESCRIPTION_CHARACTERS,
  MAX_WEBHOOK_URL_CHARACTERS,
  MAX_WEBHOOKS,
  WEBHOOK_EVENTS,
} from './contract/webhook-rules.ts';
export {
  parseCreateWebhook,
  parseDeliveryListQuery,
  parseUpdateWebhook,
  type DeliveryListQuery,
} from './contract/webhook-requests.ts';
export { retryAfterMs } from './protocol/retry-after.ts';
export { parseRetention, parseRetentionPreview } from './contract/retention-request.ts';
export { parseRetryHeaders, type RetryHints } from './contract/retry-headers.ts';
export { parseThumbnailFallback, parseThumbnailWidth, THUMBNAIL_WIDTHS } from './contract/thumbnail-width.ts';
export { readUuid } from './contract/uuid.ts';
export { parseWaitQuery, type WaitQuery } from './contract/wait-query.ts';
export {
  base64Problem,
  byteCountProblem,
  dataUriHeaderProblem,
  emptyImageProblem,
  inspectedImageProblem,
} from './contract/input-image-rules.ts';
export type { AsyncByteSource } from './images/byte-source.ts';
export { inspectImage, type InspectedImage } from './images/image-info.ts';
export { InputImage } from './contract/input-image.ts';
export { RefusedImage } from './contract/refused-image.ts';
export { isAllowedRatio } from './contract/size-rules.ts';
export {
  MAX_INPUT_IMAGE_SIDE,
  MAX_RESPONSE_IMAGES,
  MAX_WAIT_SECONDS,
  MIN_TEXT_TO_IMAGE_PIXELS,
} from './contract/limits.ts';
export type { ImageEvent, ImageScanner } from './protocol/image-scanner.ts';
export { createRequestScanner } from './protocol/request-scanner.ts';
export { REQUEST_EXAMPLES, RESPONSE_EXAMPLES, type Example } from './contract/examples.ts';
export type { Liveness, Readiness } from './contract/health.ts';
export { contractJsonSchemas, type ContractSchemaName, type JsonSchema } from './contract/json-schema.ts';
export { systemClock } from './client/system-clock.ts';
export { VENDOR_BASE_URL } from './client/default-options.ts';

/** Creates a client with the network, timers and randomness of the host as defaults. Throws a {@link WanImageError} for invalid options. */
export function createClient(options: ClientOptions = {}): Client {
  return createPortableClient(withDefaults(options, host()));
}

/**
 * Creates a client of the records of a history service with the network, timers and randomness of the host as defaults. Throws a
 * {@link WanImageError} for invalid options.
 */
export function createHistoryClient(options: HistoryClientOptions = {}): HistoryClient {
  return createPortableHistoryClient(withDefaults(options, host()));
}

/** The default transport, for example to wrap it. */
export function createDefaultTransport(): Transport {
  // `fetch` is looked up on each call, so that a test or a tracer can replace it.
  return createFetchTransport((url, init) => fetch(url, init));
}

function host(): Host {
  return { transport: createDefaultTransport() };
}
