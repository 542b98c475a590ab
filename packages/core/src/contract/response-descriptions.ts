import type { ApiKeyRecord, CreatedApiKey, ProjectRecord } from './access-types.ts';
import type { ErrorBody } from './error-body.ts';
import type { GenerationRecord, GenerationStateChange, ImageRecord, InputImageRecord } from './generation-types.ts';
import type {
  BackgroundJob,
  BackgroundJobList,
  BulkResult,
  ImageListItem,
  Lineage,
  SingleImageRecord,
  TagList,
} from './library-types.ts';
import type { GenerationResponse } from './generation-response.ts';
import type { Liveness, Readiness } from './health.ts';
import type { Retention, RetentionPreview } from './retention-types.ts';
import type { ServiceInfo } from './service-info.ts';
import type { Statistics, Timeline } from './statistics.ts';
import type { Model, ModelList } from './models.ts';
import type { WebhookDelivery, WebhookRecord, WebhookWithSecret } from './webhook-types.ts';

type Described<T> = Readonly<Record<keyof { [Key in keyof T as string extends Key ? never : Key]: unknown }, string>>;

const ID = 'UUID version 7, so ids sort by creation time.';
const CREATED_AT = 'RFC 3339 in UTC, with milliseconds.';

const LIST = {
  object: 'Always `list`.',
  data: 'The records of this page, newest first. A page of large records has fewer than `limit`.',
  has_more: 'Whether another page follows.',
  next_cursor: 'Pass it as `cursor` to get the next page. Null on the last page.',
};

const JOB: Described<BackgroundJob> = {
  id: ID,
  object: 'Always `job`.',
  kind: 'What it does: `bulk`, a bulk change over a filter; `reindex`, making what an older version recorded searchable; `statistics`, counting it; `retention`, deleting what the policy of the project does not keep.',
  state: '`queued`, `running`, or how it ended. After a crash another process continues it.',
  done: 'The number of generations that it is through with.',
  total: 'How many there are. Null if that is not known.',
  result:
    'What it did: for `bulk`, how many it found (`matched`), changed, and skipped, because they were in flight or would have too many tags; for `retention`, how many `images`, copies of `inputs`, `records`, and things in the `bin` it deleted, and their `bytes`. Null until it has succeeded.',
  error: 'Why it failed. Null unless it did.',
  created_at: CREATED_AT,
  finished_at: 'When it ended. Null until then.',
};

const WEBHOOK: Described<WebhookRecord> = {
  id: ID,
  object: 'Always `webhook`.',
  url: 'Where events are sent.',
  events:
    'The types of events that are sent: `generation.succeeded`, `generation.failed`, `generation.canceled`, `generation.resolved` (an unknown outcome was settled, or an end was replaced by the true one), `image.lost`.',
  description: 'For people. Null without one.',
  enabled: 'Whether events are sent.',
  disabled_reason: 'Why the service disabled it. Null if it did not. `{"enabled": true}` enables it again.',
  created_at: CREATED_AT,
};

const WEBHOOK_DELIVERY: Described<WebhookDelivery> = {
  id: ID,
  object: 'Always `webhook_delivery`.',
  webhook_id: 'The id of its webhook.',
  event_id: 'The header `webhook-id`: the same for all tries of an event, and for all webhooks.',
  type: 'The type of the event; `webhook.test` for a test.',
  generation_id: 'The generation that it is about. Null for a test.',
  state:
    '`pending`: it is tried, or will be. `delivered`: the endpoint responded with a 2xx. `undelivered`: it is tried no more.',
  reason: 'Why the last try failed, or why there will be no more. Null if there is nothing to tell.',
  attempts: 'How often it was tried.',
  response_status: 'The HTTP status of the last response. Null without one.',
  response_body: 'The first 1,024 bytes of the body of the last response, as text. Null without a response.',
  created_at: CREATED_AT,
  attempted_at: 'When it was tried last. Null before the first try.',
  next_attempt_at: 'When it is tried next, if the try in flight fails. Null unless it is pending.',
  delivered_at: 'When the endpoint accepted it. Null if it did not.',
};

const FILTERED_LIST = {
  ...LIST,
  data: 'The records of this page, newest first unless `order` says otherwise.',
  count:
    'Only with `count=true`: how many the filter selects. Exact up to 1,000; if there are more, `value` is 1,000 and `capped` is true.',
  search:
    'Only with `q`, `user`, `metadata`, `seed` and `derived_from`. `complete` is false while generations of an older version of the service are being indexed; `indexed` is the part of all that can be found, from 0 to 1.',
};

const STATE =
  'What happened. `queued`: waiting to be sent. `running`: sent upstream. `succeeded`, `failed` and `canceled` are final.';
const OUTCOME =
  'Whether the upstream charged for it. `unknown`: the connection ended before the upstream confirmed it; settle it with POST /v1/generations/{id}/resolve. Null until the generation has ended.';
const ERROR = 'Why it failed, in the same words as the response to its client. Null unless it failed or was canceled.';

const GENERATION: Described<GenerationRecord> = {
  id: ID,
  object: 'Always `generation`.',
  state: STATE,
  outcome: OUTCOME,
  source: 'The `x-wan-image-client` header of the request, or `api`.',
  model: 'The model that the request was sent to.',
  prompt: 'The prompt as sent.',
  request: 'The request as sent upstream, with defaults filled in. Input images are references, never bytes.',
  cut: 'Parameters that were sent upstream but are missing in `request`: of those that this API does not define, a record keeps 64 KiB. At most 20 names, shortened to 60 characters, then how many more there are.',
  user: 'The `user` of the request, which is not sent upstream. Null without one.',
  metadata: 'The `metadata` of the request: up to 16 pairs of strings, which are not sent upstream. Null without any.',
  dropped: 'Parameters of the request that were not sent upstream.',
  adapted:
    'Parameters that were translated from the OpenAI dialect or a model alias: the value `given` (null if there was none) and the value `used`.',
  input_images: 'The input images, in the order of the request.',
  images: 'The generated images, in the order of the response.',
  error: ERROR,
  upstream:
    'What the upstream returned: its request id and HTTP status, the number of attempts (null until known), whether the embedded simulator generated the images (`simulated`: nothing was billed), its own text of an error (`message`, for the admin key only), response fields that the contract does not define (`extra`, of which a record keeps 64 KiB), and the names of those that are missing there (`extra_cut`).',
  cost: 'A decimal amount and its currency, from PRICES. The most it may have cost if the outcome is `unknown`. Null until the generation has ended, or if the model has no price.',
  api_key: 'The API key that sent the request. Null for the admin key and for a service without keys.',
  created_at: CREATED_AT,
  sent_at: 'When the request was about to be sent upstream. Null if it never was.',
  finished_at: 'When it reached a final state. Null until then.',
  duration_ms: 'Milliseconds from `sent_at` to `finished_at`.',
  tags: 'Given by people, sorted by code points: up to 32.',
  note: 'Written by people. Null without one.',
  deleted_at: 'When it was put into the bin. Null if it is not there.',
  derived_from:
    'The generations of the same project that it was made from: by a `rerun`, or by an `edit` of one of their images (`image_id`).',
  matches:
    'Only in lists with `q`: where its words stand. `index` is that of the image of a revised prompt, or the place of a tag in `tags`. The `ranges` are in UTF-16 code units: start inclusive, end exclusive.',
};

const IMAGE: Described<ImageRecord> = {
  id: 'The id of its generation and its index, such as `019ab2c4-…-0`.',
  object: 'Always `image`.',
  index: 'Its position in the response, from 0.',
  state:
    '`stored`: the service has the bytes. `pending`: generated, but not stored yet. `lost`: the bytes could not be stored before the upstream deleted them. `deleted`: deleted for good.',
  url: 'A permanent, signed URL of this service. Null once the image was deleted for good.',
  width: 'In pixels. Null until stored.',
  height: 'In pixels. Null until stored.',
  bytes: 'Size of the file. Null until stored.',
  mime_type: 'Such as `image/png`. Null until stored.',
  sha256: 'Of the file, in hexadecimal. Null until stored.',
  revised_prompt: 'The prompt as the upstream rewrote it. Null if it did not.',
  warning:
    'What is unusual about the image, such as bytes that are not a PNG, JPEG, BMP or WEBP: they are kept as they came, without a width and a height. Null for all others.',
  orientation:
    'The EXIF orientation of the file, from 1 to 8. `width` and `height` are those of the image as it is shown. Null without one.',
  favorite: 'Whether somebody marked it as a favorite.',
  thumbhash:
    'A blurred preview of about 30 bytes in base64, to show while the image is loaded. Null until it has been made.',
  deleted_at: 'When the image itself was put into the bin, or deleted for good. Null otherwise.',
};

const IMAGE_LIST_ITEM: Described<ImageListItem> = {
  id: IMAGE.id,
  object: IMAGE.object,
  generation_id: 'The id of its generation.',
  index: IMAGE.index,
  set_size: 'The number of images of its generation.',
  state: IMAGE.state,
  width: IMAGE.width,
  height: IMAGE.height,
  thumbhash: IMAGE.thumbhash,
  url: 'A permanent, signed URL of this service.',
  favorite: IMAGE.favorite,
  deleted_at: 'When it, or its generation, was put into the bin. Null otherwise.',
  prompt: 'The first 200 characters of the prompt.',
  model: 'The model that the request was sent to.',
  created_at: CREATED_AT,
};

const INPUT_IMAGE: Described<InputImageRecord> = {
  index: 'Its position in the request, from 0.',
  kind: '`url`: the request named a URL. `stored`: the request held the bytes, which the service stores.',
  url: 'The URL of the request, or a permanent URL of this service for stored bytes.',
  state:
    'Of the stored bytes or of the archived copy of a URL: `pending`, `stored` or `lost`. Null if URLs are not archived.',
  archived_url: 'A permanent URL of the archived copy of an image given as a URL. Null if there is none.',
  sha256: 'Of the file, in hexadecimal. Null if the service does not have it.',
  width: 'In pixels. Null if unknown.',
  height: 'In pixels. Null if unknown.',
  mime_type: 'Such as `image/png`. Null if unknown.',
  from_image: 'The id of the image of this service whose URL was given. Null for any other input.',
};

const API_KEY: Described<ApiKeyRecord> = {
  id: ID,
  object: 'Always `api_key`.',
  project_id: 'The project that the key belongs to.',
  name: 'The name that people know the key by.',
  prefix: 'The first characters of the key, to recognize it by.',
  scopes:
    '`generate` creates and cancels generations, `read` reads records and images, `manage` changes what is recorded.',
  rate_limit: 'Generations per minute. Null: no limit.',
  spend_limit:
    'The limit in decimal amounts: `spent` and `reserved` (for generations in flight) in the current period, which ends at `resets_at` (null for `total`). Null: no limit.',
  spent:
    'What was billed to it, with a limit or without one: decimal amounts by currency, in all and since the start of the month in UTC. A second behind. A generation that may have been billed counts as spent.',
  created_at: CREATED_AT,
  expires_at: 'When the key stops working. Null: never.',
  revoked_at: 'When the key was revoked, for good. Null: it was not.',
  archived_at:
    'When the key was archived: it is refused and left out of lists until it is restored. Null: it is in use.',
  last_used_at: 'To the minute. Null: never used.',
};

const PROJECT: Described<ProjectRecord> = {
  id: ID,
  object: 'Always `project`.',
  name: 'The name, unique among all projects.',
  created_at: CREATED_AT,
  archived_at:
    'When the project was archived: its keys are refused and lists leave it out until it is restored. Null: it is in use.',
};

const RESPONSE: Described<GenerationResponse> = {
  created: 'Unix time in seconds.',
  data: 'The images. Each has `url` or `b64_json`, and `revised_prompt` if the upstream rewrote the prompt.',
};

const STATE_CHANGE: Described<GenerationStateChange> = { id: ID, state: STATE, outcome: OUTCOME, error: ERROR };

const ERROR_BODY: Described<ErrorBody> = {
  error:
    'What happened and what to do (`message`), the kind of error (`type`), a stable `code`, and the field at fault (`param`, such as `image[1]`).',
};

/**
 * What each field of a response means, by the name of its schema.
 * Apart from the zod schemas, so that a bundle of the client does not carry prose.
 */
export const RESPONSE_DESCRIPTIONS = {
  GenerationResponse: RESPONSE,
  Error: ERROR_BODY,
  Generation: GENERATION,
  GenerationList: FILTERED_LIST,
  GenerationStateChange: STATE_CHANGE,
  Image: IMAGE,
  InputImage: INPUT_IMAGE,
  ImageList: FILTERED_LIST,
  ImageListItem: IMAGE_LIST_ITEM,
  TagList: {
    object: LIST.object,
    data: 'Each tag and the number of generations that have it, the most used first.',
  } satisfies Described<TagList>,
  Lineage: {
    object: 'Always `lineage`.',
    nodes:
      'The generation itself, then the nearest ones: at most 200. `exists` is false for one that was deleted for good.',
    edges: 'Which generation (`to`) was made `from` which, by a `rerun` or by an `edit` of an image (`image_id`).',
    truncated: 'Whether there are more than 200.',
  } satisfies Described<Lineage>,
  BulkResult: {
    object: 'Always `bulk_result`.',
    matched: 'How many of them exist in the project.',
    changed: 'How many were changed. The others were so already, are still in flight, or would have too many tags.',
  } satisfies Described<BulkResult>,
  Job: JOB,
  JobList: { object: LIST.object, data: 'The newest 100.' } satisfies Described<BackgroundJobList>,
  Webhook: WEBHOOK,
  WebhookWithSecret: {
    ...WEBHOOK,
    secret: 'What requests are signed with: `whsec_` and base64. No other response contains it.',
  } satisfies Described<WebhookWithSecret>,
  WebhookList: LIST,
  WebhookDelivery: WEBHOOK_DELIVERY,
  WebhookDeliveryList: LIST,
  Retention: {
    object: 'Always `retention`.',
    images:
      'Output images: after so many days (`max_age_days`), or beyond so many bytes together (`max_bytes`), the oldest first, they are deleted for good, and their records stay. Null: no limit.',
    inputs: 'Copies of input images: after so many days they are deleted for good. Null: no limit.',
    records:
      'Generations as a whole: after so many days, or beyond so many (`max_count`), the oldest first, they are deleted for good. Null: no limit.',
    bin_days: 'What has been in the bin for so many days is deleted for good, also favorites. Null: never.',
    keep_favorites: 'Whether favorites stay, with their records and inputs.',
    keep_tags: 'Generations with one of these tags stay as a whole.',
    updated_at: 'When the policy was set. Null: never.',
    last_run:
      'The last time that the policy was carried out: its job (`job_id`, null if there was nothing to delete), how that stands, and what it deleted. Null before the first time.',
  } satisfies Described<Retention>,
  RetentionPreview: {
    object: 'Always `retention_preview`.',
    images: 'Output images that would be deleted while their records stay.',
    inputs: 'Copies of input images that would be deleted.',
    records: 'Generations that would be deleted as a whole.',
    bin: 'Generations and images in the bin that would be deleted.',
    capped: 'Whether there is more: the preview stops at 100,000 in all, and after some seconds.',
  } satisfies Described<RetentionPreview>,
  SingleImage: { ...IMAGE, generation_id: 'The id of its generation.' } satisfies Described<SingleImageRecord>,
  Model: {
    id: 'What you can use as `model`: a model of this API, or an alias.',
    created: 'Unix time in seconds. Absent if the upstream does not say.',
    owned_by: 'Who offers it. Absent if the upstream does not say.',
  } satisfies Described<Model>,
  ModelList: {
    data: 'The models that you can use as `model`, model aliases included.',
  } satisfies Described<ModelList>,
  Project: PROJECT,
  ProjectList: LIST,
  ApiKey: API_KEY,
  ApiKeyList: LIST,
  CreatedApiKey: {
    ...API_KEY,
    key: 'The API key. The service keeps only a hash of it, so no other response contains it.',
  } satisfies Described<CreatedApiKey>,
  Liveness: {
    status: 'Always `ok`.',
    version: 'The version of the service.',
    commit:
      'The Git commit that the service was built from, with `-dirty` if files had been changed since. Null if that is not known.',
  } satisfies Described<Liveness>,
  Readiness: {
    status: '`ready` if every check is `ok`.',
    checks:
      '`database`: records can be written. `store`: images can be stored. `spool`: images can be staged in DATA_DIR.',
  } satisfies Described<Readiness>,
  ServiceInfo: {
    version: 'The version of the service.',
    simulated: 'Whether its embedded simulator generates the images: nothing is billed.',
    key_required: 'Whether requests need an API key.',
    scopes: 'What the key of the request may do. Everything if no key is needed.',
    prices: 'The price of an image by model. Without the models whose price is not set.',
    currency: 'The currency of the prices.',
    search:
      'How much of what is kept a search finds: less than 1 while what an older version recorded is being indexed.',
  } satisfies Described<ServiceInfo>,
  Statistics: {
    object: 'Always `stats`.',
    from: 'Start of the time in which the generations were created, at a whole hour. Inclusive.',
    to: 'Its end. Exclusive.',
    complete:
      'Whether everything is counted. False after an update of the service, while the generations of the version before are counted.',
    data: 'One row a group, ascending; a group without generations has none. `cost` is by currency, at the prices of the time, and has the most that an `unknown` generation may have cost. `latency` is that of those that succeeded, from sending to the end, within 5 % of the exact figure. `stored_bytes` includes the bytes that were deleted for good since (`deleted_bytes`). What the embedded simulator made (`simulated`) has rows of its own.',
  } satisfies Described<Statistics>,
  Timeline: {
    object: 'Always `timeline`.',
    complete: 'As in `GET /v1/stats`.',
    data: 'Newest first: a day, and the number of its images that are not in the bin. Days without images are absent.',
  } satisfies Described<Timeline>,
} as const;
