/** The entry point without defaults: the caller passes transport, clock, randomness and idempotency keys. `index.ts` has defaults for them. */
export type { ErrorBody } from './contract/error-body.ts';
export { generationList, generationRecord } from './contract/generation-record.ts';
export type {
  AdaptedParameter,
  Cost,
  GenerationError,
  GenerationList,
  GenerationOutcome,
  GenerationRecord,
  GenerationState,
  GenerationStateChange,
  ImageRecord,
  ImageState,
  InputImageRecord,
  UpstreamRecord,
} from './contract/generation-types.ts';
export type {
  BackgroundJob,
  BackgroundJobList,
  BackgroundJobState,
  BulkChange,
  BulkResult,
  Derivation,
  ExportRequest,
  ImageList,
  ImageListItem,
  Lineage,
  LineageEdge,
  LineageImage,
  LineageNode,
  ListCount,
  SearchMatch,
  SearchProgress,
  SingleImageRecord,
  TagCount,
  TagList,
  UpdateGenerationRequest,
  UpdateImageRequest,
} from './contract/library-types.ts';
export type {
  Retention,
  RetentionMatch,
  RetentionPolicy,
  RetentionPreview,
  RetentionRequest,
  RetentionResult,
} from './contract/retention-types.ts';
export type { ServiceInfo } from './contract/service-info.ts';
export type { Statistics, StatisticsGroup, StatisticsRow, Timeline } from './contract/statistics.ts';
export type { WebhookDeliveryState, WebhookEventType } from './contract/webhook-rules.ts';
export type {
  CreateWebhookRequest,
  DeletedGeneration,
  UpdateWebhookRequest,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookEvent,
  WebhookList,
  WebhookRecord,
  WebhookWithSecret,
} from './contract/webhook-types.ts';
export type { ApiKeyScope } from './contract/access-rules.ts';
export { MAX_FILTER_IDS, type GenerationFilter } from './contract/generation-filter.ts';
export type { ListOrder } from './contract/list-query.ts';
export type { GenerationResponse } from './contract/generation-response.ts';
export { generationRequest, parseGenerationRequest } from './contract/generation-request.ts';
export type {
  AcceptedParameters,
  ClientRequest,
  GenerationParameters,
  GenerationRequest,
  GenerationRequestInput,
  ImageSize,
  ModelName,
  ResponseFormat,
} from './contract/request-types.ts';
export { PARAMETER_DESCRIPTIONS } from './contract/parameter-descriptions.ts';
export {
  DEFAULT_SIZE,
  MAX_IMAGES,
  MAX_IMAGES_IN_SET,
  MAX_INPUT_IMAGE_BYTES,
  MAX_INPUT_IMAGES,
  MAX_PROMPT_CHARACTERS,
  MAX_SEED,
  MODELS,
  RESPONSE_FORMATS,
  RESULT_URL_LIFETIME_MS,
  SIZE_PRESETS,
} from './contract/limits.ts';
export { modelList, type Model, type ModelList } from './contract/models.ts';
export type { Parsed } from './contract/parsed.ts';
export type { Problem } from './contract/problem.ts';
export type { Resolution } from './contract/resolution.ts';
export { isSizePreset, readCustomSize, type SizePreset } from './contract/size-rules.ts';
export { redactText } from './errors/redact.ts';
export {
  isWanImageError,
  WanImageError,
  type ArrivedImage,
  type ErrorFault,
  type ErrorKind,
  type ErrorRemedy,
  type WanImageErrorFacts,
} from './errors/wan-image-error.ts';
export { portableBase64, type Base64Codec } from './images/base64-codec.ts';
export { bufferBase64, type BufferLike } from './images/buffer-base64.ts';
export { bytesSource, type ByteSource } from './images/byte-source.ts';
export { isDataUri, readDataUri, type DataUri } from './images/data-uri.ts';
export { MIME_TYPES, readImageInfo, sniffImageFormat, type ImageFormat, type ImageInfo } from './images/image-info.ts';
export type { CallOptions, RawResponse, RequestOptions } from './client/call-options.ts';
export type {
  ClientOptions,
  HistoryClientOptions,
  PortableClientOptions,
  PortableHistoryClientOptions,
  ProjectOption,
} from './client/client-options.ts';
export type { Clock } from './client/clock.ts';
export {
  createClient,
  type Client,
  type GenerateOptions,
  type Generation,
  type GenerationSummary,
} from './client/create-client.ts';
export type {
  EventsOptions,
  GenerationEvent,
  GenerationImageEvent,
  GenerationStateEvent,
} from './client/generation-events.ts';
export {
  createGenerationLibrary,
  createHistoryClient,
  type GenerationLibrary,
} from './client/create-history-client.ts';
export { createLibraryReader, type GenerationReader, type LibraryReader } from './client/library-reads.ts';
export { errorOfGeneration } from './protocol/record-error.ts';
export type {
  CountOption,
  DeleteOptions,
  ExportOptions,
  StatisticsOptions,
  TimelineOptions,
  DeliveryListOptions,
  FilteredOptions,
  GetOptions,
  HistoryClient,
  ImageListOptions,
  ImagePageOptions,
  ListOptions,
  PageOptions,
  ReadOptions,
  SubmitOptions,
  WebhookListOptions,
  RetentionCalls,
  SessionCalls,
  Webhooks,
} from './client/history-client.ts';
export type { GenerateRequest, RerunOverrides } from './client/prepare-request.ts';
export type { DownloadOptions } from './client/download.ts';
export type { GeneratedImage } from './client/generated-image.ts';
export type {
  CallInfo,
  DoneEvent,
  ErrorEvent,
  Hooks,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
} from './client/hooks.ts';
export type { ImageInput } from './client/input-images.ts';
export type { ArrivingImage, Sink } from './client/arriving-image.ts';
export type { RetryPolicy } from './protocol/retry-policy.ts';
export { isHistoryService } from './protocol/history-service.ts';
export type { Operation } from './protocol/build-request.ts';
export { bodyFailure, requestFailure } from './transport/connection-failure.ts';
export { hostProblem } from './transport/public-address.ts';
export {
  createFetchTransport,
  type FetchBody,
  type FetchInit,
  type FetchLike,
  type FetchResponse,
  type FetchTransportOptions,
} from './transport/fetch-transport.ts';
export {
  isTransportError,
  TransportError,
  type RequestBody,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport/transport.ts';
