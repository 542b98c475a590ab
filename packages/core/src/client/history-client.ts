import type { GenerationFilter } from '../contract/generation-filter.ts';
import type { GenerationList, GenerationRecord } from '../contract/generation-types.ts';
import type {
  BackgroundJob,
  BackgroundJobList,
  BulkChange,
  BulkResult,
  ExportRequest,
  ImageList,
  ImageListItem,
  Lineage,
  SingleImageRecord,
  TagList,
  UpdateGenerationRequest,
  UpdateImageRequest,
} from '../contract/library-types.ts';
import type { ListOrder } from '../contract/list-query.ts';
import type { Resolution } from '../contract/resolution.ts';
import type { Retention, RetentionPreview, RetentionRequest } from '../contract/retention-types.ts';
import type { ServiceInfo } from '../contract/service-info.ts';
import type { Statistics, StatisticsGroup, Timeline } from '../contract/statistics.ts';
import type { WebhookDeliveryState } from '../contract/webhook-rules.ts';
import type {
  CreateWebhookRequest,
  UpdateWebhookRequest,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookList,
  WebhookRecord,
  WebhookWithSecret,
} from '../contract/webhook-types.ts';
import type { CallOptions, RequestOptions } from './call-options.ts';
import type { ProjectOption } from './client-options.ts';
import type { DownloadOptions } from './download.ts';
import type { EventsOptions, GenerationEvent } from './generation-events.ts';
import type { GenerateRequest, RerunOverrides } from './prepare-request.ts';

/** The options of a read. */
export interface ReadOptions extends CallOptions, ProjectOption {}

/** Selects what a list has: the parts of the filter have the names of the API. */
export interface FilteredOptions extends ReadOptions, GenerationFilter {
  /** `next_cursor` of the previous page, with the same filter and order. */
  readonly cursor?: string | undefined;
  /** By creation: `desc` (the default) is newest first. A search (`q`) has no other. */
  readonly order?: ListOrder | undefined;
}

/** The options of `list`. */
export interface ListOptions extends FilteredOptions {
  /** Records per page: 1 to 100, default 20. */
  readonly limit?: number | undefined;
}

/** The options of `images`. */
export interface ImageListOptions extends FilteredOptions {
  /** Images per page: 1 to 1,000, default 100. */
  readonly limit?: number | undefined;
}

/** What only a page has. */
export interface CountOption {
  /** Adds `count`, how many there are: exact up to 1,000. Default false. */
  readonly count?: boolean | undefined;
}

/** The options of `page`. */
export interface PageOptions extends ListOptions, CountOption {}

/** The options of `imagePage`. */
export interface ImagePageOptions extends ImageListOptions, CountOption {}

/** The options of `get`. */
export interface GetOptions extends ReadOptions {
  /** Whole seconds to wait for the generation to end: 0 to 60, default 0. They are added to the timeout of the call. */
  readonly wait?: number | undefined;
}

/** The options of `submit`, `rerun` and `bulk`. */
export interface SubmitOptions extends CallOptions {
  /**
   * Sent as `Idempotency-Key`: for 24 hours, the same request with the same key is carried out once, and gets the same response. Default: a
   * new one for each call.
   */
  readonly idempotencyKey?: string | undefined;
}

/** The options of `delete` and `deleteImage`. */
export interface DeleteOptions extends CallOptions {
  /** Deletes for good instead of into the bin. Nothing brings it back. Default false. */
  readonly purge?: boolean | undefined;
}

/** The options of `export`. */
export interface ExportOptions extends RequestOptions, ProjectOption {}

/** The options of `timeline`. */
export interface TimelineOptions extends ReadOptions {
  /** IANA name of the time zone of days, whose offset is a whole number of hours, such as `Asia/Shanghai`. Default `UTC`. */
  readonly tz?: string | undefined;
}

/** The options of `stats`. */
export interface StatisticsOptions extends TimelineOptions {
  /** RFC 3339, or a date, which is its first moment in UTC; inclusive. Default: 30 days before `to`. Whole hours are counted. */
  readonly from?: string | undefined;
  /** As `from`; exclusive. Default: now. */
  readonly to?: string | undefined;
  /** What each row is about. Default: one row for all. */
  readonly group_by?: readonly StatisticsGroup[] | undefined;
  /** One of these. */
  readonly model?: readonly string[] | undefined;
  /** One of these. */
  readonly source?: readonly string[] | undefined;
  /** One of these: ids of API keys. */
  readonly api_key?: readonly string[] | undefined;
  /** Only what the embedded simulator made, or only what it did not. */
  readonly simulated?: boolean | undefined;
}

/** The options of `webhooks.list`. */
export interface WebhookListOptions extends ReadOptions {
  /** Records per page: 1 to 100, default 20. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the previous page. */
  readonly cursor?: string | undefined;
}

/** The options of `webhooks.deliveries`. */
export interface DeliveryListOptions extends WebhookListOptions {
  /** Only deliveries in this state. */
  readonly state?: WebhookDeliveryState | undefined;
}

/**
 * What tells your endpoints what happens to generations. Requires a key with the scope `manage`. What would make two webhooks, replace a
 * secret twice or send twice is not retried, unless `retry` of the call says so.
 */
export interface Webhooks {
  /** A page of the webhooks of the project, newest first. */
  list(options?: WebhookListOptions): Promise<WebhookList>;
  /** Creates a webhook. Only this response and that of `rotateSecret` contain its secret. */
  create(request: CreateWebhookRequest, options?: CallOptions): Promise<WebhookWithSecret>;
  /** One webhook. */
  get(id: string, options?: ReadOptions): Promise<WebhookRecord>;
  /** Changes a webhook. A field that is absent stays as it is. */
  update(id: string, changes: UpdateWebhookRequest, options?: CallOptions): Promise<WebhookRecord>;
  /** Deletes a webhook with its deliveries. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Gives a webhook another secret. For 24 hours, requests are signed with the previous one too. */
  rotateSecret(id: string, options?: CallOptions): Promise<WebhookWithSecret>;
  /** Sends a test event and waits for what becomes of it, for up to 20 s. Also resolves if the endpoint failed: see `state`. */
  test(id: string, options?: CallOptions): Promise<WebhookDelivery>;
  /** A page of the deliveries of a webhook, newest first. They are kept for 30 days. */
  deliveries(id: string, options?: DeliveryListOptions): Promise<WebhookDeliveryList>;
  /** Sends the event of a delivery again, with the same id and body. Throws `refused` (409) if it is pending, or its webhook disabled. */
  redeliver(deliveryId: string, options?: CallOptions): Promise<WebhookDelivery>;
}

/** How long the project of the API key keeps what was generated. Needs a key with the scope `manage`. */
export interface RetentionCalls {
  /** The policy, and what its last run deleted. */
  get(options?: CallOptions): Promise<Retention>;
  /** Sets the policy as a whole: what is absent is null, and keeps everything. It is carried out within minutes, then once an hour. */
  set(policy: RetentionRequest, options?: CallOptions): Promise<Retention>;
  /** What a policy would delete today; without one, or with an empty one, that which is set. Deletes nothing. */
  preview(policy?: RetentionRequest, options?: CallOptions): Promise<RetentionPreview>;
}

/** The session of a page of the history service, in a cookie that no script reads. On Node nothing stores the cookie. */
export interface SessionCalls {
  /**
   * Signs the browser in with an API key or the admin key, for 30 days; a session that it had ends. From then on a client with `apiKey: null`
   * may do what the key may do. Throws `authentication` if the key is not valid.
   */
  create(apiKey: string, options?: CallOptions): Promise<void>;
  /** Signs it out. */
  delete(options?: CallOptions): Promise<void>;
}

/** A client of the API that a history service has in addition to the vendor's. All failures are thrown as {@link WanImageError}. */
export interface HistoryClient {
  /** All records that the filter selects, newest first, starting at `cursor` if it is given. Pages are requested as they are reached. */
  list(options?: ListOptions): AsyncGenerator<GenerationRecord, void, void>;
  /** One page of `list`. */
  page(options?: PageOptions): Promise<GenerationList>;
  /** All generated images that the filter selects, for grids. `favorite`, `deleted` and `image_sha256` mean the image itself. */
  images(options?: ImageListOptions): AsyncGenerator<ImageListItem, void, void>;
  /** One page of `images`. */
  imagePage(options?: ImagePageOptions): Promise<ImageList>;
  /** The tags of the project, the most used first. */
  tags(options?: ReadOptions): Promise<TagList>;
  /** One record. With `wait`, resolves when the generation has ended, or after `wait` seconds with the record as it is. */
  get(id: string, options?: GetOptions): Promise<GenerationRecord>;
  /** The record of one image. */
  getImage(imageId: string, options?: ReadOptions): Promise<SingleImageRecord>;
  /** What a generation was made from, and what was made from it: at most 200 generations. */
  lineage(id: string, options?: ReadOptions): Promise<Lineage>;
  /** Changes tags and note, and returns the record. A field that is absent stays as it is. */
  update(id: string, changes: UpdateGenerationRequest, options?: CallOptions): Promise<GenerationRecord>;
  /** Marks an image as a favorite, or no longer, and returns its record. */
  updateImage(imageId: string, changes: UpdateImageRequest, options?: CallOptions): Promise<SingleImageRecord>;
  /**
   * Puts a generation into the bin, or with `purge` deletes it for good. Deleting gives no money back. Throws `refused` (409) while it is in
   * flight: cancel it first.
   */
  delete(id: string, options?: DeleteOptions): Promise<void>;
  /** Like `delete`, of one image. The record of its generation stays. */
  deleteImage(imageId: string, options?: DeleteOptions): Promise<void>;
  /** Takes a generation out of the bin. Images that were deleted by themselves stay there. */
  restore(id: string, options?: CallOptions): Promise<GenerationRecord>;
  /** Takes an image out of the bin. */
  restoreImage(imageId: string, options?: CallOptions): Promise<SingleImageRecord>;
  /**
   * Changes many at once. With ids it resolves with a {@link BulkResult} when it is done. With a filter it starts a job: `job` tells how far
   * it is. It is retried like a read: all retries have the same key, so it is carried out once.
   */
  bulk(change: BulkChange, options?: SubmitOptions): Promise<BulkResult | BackgroundJob>;
  /**
   * Exports generations or single images as an archive, and yields its bytes as they arrive. `timeoutMs` applies to the whole. Throws `refused`
   * (404) if there are none of them, and never ends early without an error.
   */
  export(request: ExportRequest, options?: ExportOptions): AsyncIterable<Uint8Array>;
  /** What the service is, and what the API key may do there. */
  service(options?: CallOptions): Promise<ServiceInfo>;
  /** What was made, what failed, and what it cost: sums that deleting does not change. With the admin key, `projectId` may be `all`. */
  stats(options?: StatisticsOptions): Promise<Statistics>;
  /** How many images each day has. */
  timeline(options?: TimelineOptions): Promise<Timeline>;
  /** One job: how far it is, and what it did. */
  job(id: string, options?: ReadOptions): Promise<BackgroundJob>;
  /** The newest 100 jobs. */
  jobs(options?: ReadOptions): Promise<BackgroundJobList>;
  /** Stops a job after its current step; what it did stays done. Throws `refused` (409) if it has ended. */
  cancelJob(id: string, options?: CallOptions): Promise<BackgroundJob>;
  /** How long the project keeps what was generated. */
  readonly retention: RetentionCalls;
  /** Signs a page in and out. */
  readonly session: SessionCalls;
  /**
   * Enqueues a generation and resolves with its record at once. Like `generate`, it is retried only if it certainly did no work. With
   * `retry: { unknownOutcomes: true }` it is retried after every failure, which is safe because all retries have the same key.
   */
  submit(request: GenerateRequest, options?: SubmitOptions): Promise<GenerationRecord>;
  /**
   * Like `submit`, of the request of an earlier generation, with its input images and with what `overrides` change. It is billed like any
   * other. Throws `refused` (409) if the earlier one is in the bin.
   */
  rerun(id: string, overrides?: RerunOverrides, options?: SubmitOptions): Promise<GenerationRecord>;
  /** Yields each change of state and each image as it is stored, until there will be no more. Reconnects if the connection breaks. */
  events(id: string, options?: EventsOptions): AsyncGenerator<GenerationEvent, void, void>;
  /**
   * Cancels a generation. One that was not sent yet costs nothing; one that is running may still be billed. A record without
   * `finished_at` means that the cancellation was requested, but has not taken effect. Throws `refused` (409) if the generation has ended.
   */
  cancel(id: string, options?: CallOptions): Promise<GenerationRecord>;
  /** Settles an `unknown` outcome from the upstream's invoice. Throws `refused` (409) if the outcome is not unknown. */
  resolve(id: string, resolution: Resolution, options?: CallOptions): Promise<GenerationRecord>;
  /** What tells your endpoints what happens to generations. */
  readonly webhooks: Webhooks;
  /** Downloads `images[].url` of a record and yields its bytes as they arrive. */
  download(url: string, options?: DownloadOptions): AsyncIterable<Uint8Array>;
}
