import type * as z from 'zod/mini';
import type { ApiKeyRecord, ProjectRecord } from './access-types.ts';
import type { GenerationRecord, ImageRecord, InputImageRecord } from './generation-types.ts';
import type { BackgroundJob, ImageListItem } from './library-types.ts';
import type { REQUEST_SCHEMAS, RESPONSE_SCHEMAS } from './json-schema.ts';
import type { WebhookDelivery, WebhookRecord } from './webhook-types.ts';

/** An example of a request, as OpenAPI has it. */
export interface Example<T> {
  /** What it shows, in a few words. */
  readonly summary: string;
  /** A body that the schema accepts. */
  readonly value: T;
}

type RequestExamples = {
  readonly [Name in keyof typeof REQUEST_SCHEMAS]: Readonly<
    Record<string, Example<z.input<(typeof REQUEST_SCHEMAS)[Name]>>>
  >;
};

type ResponseExamples = {
  readonly [Name in keyof typeof RESPONSE_SCHEMAS]: z.output<(typeof RESPONSE_SCHEMAS)[Name]>;
};

const GENERATION_ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';
const PROJECT_ID = '019ab2b0-1122-7334-8455-66778899aabb';
const API_KEY_ID = '019ab2b1-99aa-7bbc-8ccd-ddeeff001122';
const IMAGE_URL = `https://images.example.com/images/${GENERATION_ID}-0?key=2f6c1a9b&signature=Zk3Q9m1rT8xW5vB2`;
const PROMPT = 'A red fox in the snow, soft morning light';

const IMAGE: ImageRecord = {
  id: `${GENERATION_ID}-0`,
  object: 'image',
  index: 0,
  state: 'stored',
  url: IMAGE_URL,
  width: 1024,
  height: 1024,
  bytes: 1_482_133,
  mime_type: 'image/png',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  revised_prompt: null,
  warning: null,
  orientation: null,
  favorite: true,
  thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
  deleted_at: null,
};

const IMAGE_LIST_ITEM: ImageListItem = {
  id: IMAGE.id,
  object: 'image',
  generation_id: GENERATION_ID,
  index: 0,
  set_size: 1,
  state: 'stored',
  width: 1024,
  height: 1024,
  thumbhash: IMAGE.thumbhash,
  url: IMAGE_URL,
  favorite: true,
  deleted_at: null,
  prompt: PROMPT,
  model: 'wan2.7-image-pro',
  created_at: '2026-11-24T08:00:00.000Z',
};

const INPUT_IMAGE: InputImageRecord = {
  index: 0,
  kind: 'url',
  url: 'https://example.com/fox.png',
  state: 'pending',
  archived_url: null,
  sha256: null,
  width: null,
  height: null,
  mime_type: null,
  from_image: null,
};

const GENERATION: GenerationRecord = {
  id: GENERATION_ID,
  object: 'generation',
  state: 'succeeded',
  outcome: 'billed',
  source: 'api',
  model: 'wan2.7-image-pro',
  prompt: PROMPT,
  request: { model: 'wan2.7-image-pro', prompt: PROMPT, n: 1, size: '1K' },
  cut: [],
  user: null,
  metadata: { order: '4711' },
  dropped: [],
  adapted: [],
  input_images: [],
  images: [IMAGE],
  error: null,
  upstream: {
    request_id: 'req_7d1f0c52',
    status: 200,
    attempts: 1,
    simulated: false,
    message: null,
    extra: null,
    extra_cut: [],
  },
  cost: { amount: '0.20', currency: 'CNY' },
  api_key: { id: API_KEY_ID },
  created_at: '2026-11-24T08:00:00.000Z',
  sent_at: '2026-11-24T08:00:00.012Z',
  finished_at: '2026-11-24T08:00:21.480Z',
  duration_ms: 21_468,
  tags: ['fox', 'winter'],
  note: null,
  deleted_at: null,
  derived_from: [],
};

const PROJECT: ProjectRecord = {
  id: PROJECT_ID,
  object: 'project',
  name: 'Web shop',
  created_at: '2026-11-24T07:38:00.000Z',
  archived_at: null,
};

const API_KEY: ApiKeyRecord = {
  id: API_KEY_ID,
  object: 'api_key',
  project_id: PROJECT_ID,
  name: 'Product pages',
  prefix: 'wan_3kQxZ1',
  scopes: ['generate', 'read'],
  rate_limit: 60,
  spend_limit: {
    amount: '50.00',
    currency: 'CNY',
    period: 'month',
    spent: '12.40',
    reserved: '0.20',
    resets_at: '2026-12-01T00:00:00.000Z',
  },
  spent: { total: { CNY: '412.20' }, this_month: { CNY: '12.40' } },
  created_at: '2026-11-24T07:40:00.000Z',
  expires_at: null,
  revoked_at: null,
  archived_at: null,
  last_used_at: '2026-11-24T08:00:00.000Z',
};

const JOB: BackgroundJob = {
  id: '019ab2d0-7788-7a99-8abb-ccddeeff0011',
  object: 'job',
  kind: 'bulk',
  state: 'succeeded',
  done: 4711,
  total: 4711,
  result: { matched: 4711, changed: 4710, skipped: 1 },
  error: null,
  created_at: '2026-11-24T09:00:00.000Z',
  finished_at: '2026-11-24T09:00:04.120Z',
};

const WEBHOOK: WebhookRecord = {
  id: '019ab2d1-1122-7334-8556-77889900aabb',
  object: 'webhook',
  url: 'https://example.com/hooks/wan',
  events: ['generation.succeeded', 'generation.failed'],
  description: 'Product pages',
  enabled: true,
  disabled_reason: null,
  created_at: '2026-11-24T07:45:00.000Z',
};

const DELIVERY: WebhookDelivery = {
  id: '019ab2d2-3344-7556-8778-99aabbccddee',
  object: 'webhook_delivery',
  webhook_id: WEBHOOK.id,
  event_id: '6f1c2f0e-5a7b-4c1d-9e2f-0a1b2c3d4e5f',
  type: 'generation.succeeded',
  generation_id: GENERATION_ID,
  state: 'pending',
  reason: 'The endpoint responded with status 503.',
  attempts: 1,
  response_status: 503,
  response_body: 'upstream connect error',
  created_at: '2026-11-24T08:00:11.000Z',
  attempted_at: '2026-11-24T08:00:11.020Z',
  next_attempt_at: '2026-11-24T08:00:16.400Z',
  delivered_at: null,
};

const LAST_PAGE = { object: 'list', has_more: false, next_cursor: null } as const;

/** Each is accepted by a running service: a test sends it. */
export const REQUEST_EXAMPLES = {
  GenerationRequest: {
    text_to_image: {
      summary: 'Generate one image',
      value: { model: 'wan2.7-image-pro', prompt: PROMPT, size: '1K' },
    },
    edit: {
      summary: 'Edit an image',
      value: { model: 'wan2.7-image', prompt: 'Make it night', image: 'https://example.com/fox.png' },
    },
    image_set: {
      summary: 'Generate a set of up to four matching images',
      value: {
        model: 'wan2.7-image',
        prompt: 'One cat in the four seasons',
        enable_sequential: true,
        n: 4,
        size: '1280x720',
      },
    },
  },
  ResolveGenerationRequest: {
    not_billed: { summary: 'The invoice does not list the generation', value: { outcome: 'not_billed' } },
  },
  CreateProjectRequest: {
    project: { summary: 'A project', value: { name: 'Web shop' } },
  },
  CreateApiKeyRequest: {
    minimal: { summary: 'A key of the default project, without limits', value: { name: 'Product pages' } },
    limited: {
      summary: 'A key with a rate limit, a spend limit and an expiry date',
      value: {
        name: 'Product pages',
        scopes: ['generate', 'read'],
        rate_limit: 60,
        spend_limit: { amount: '50.00', period: 'month' },
        expires_at: '2099-12-31T23:59:59Z',
      },
    },
  },
  CreateSessionRequest: {
    key: { summary: 'Sign in', value: { api_key: 'wan_3kQxZ1EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEE' } },
  },
  UpdateProjectRequest: {
    rename: { summary: 'Another name', value: { name: 'Web shop (old)' } },
    archive: { summary: 'Refuse its keys, and leave it out of lists', value: { archived: true } },
  },
  UpdateApiKeyRequest: {
    limits: {
      summary: 'A higher spend limit for the same period, and no rate limit',
      value: { spend_limit: { amount: '80.00', period: 'month' }, rate_limit: null },
    },
    scopes: { summary: 'Other scopes', value: { scopes: ['generate', 'read', 'manage'] } },
    archive: { summary: 'Refuse the key until it is restored', value: { archived: true } },
  },
  UpdateGenerationRequest: {
    tags: { summary: 'All of its tags', value: { tags: ['winter', '狐狸'] } },
    note: { summary: 'A note, and no tags', value: { note: 'For the cover of the January issue', tags: null } },
  },
  UpdateImageRequest: {
    favorite: { summary: 'Mark it as a favorite', value: { favorite: true } },
  },
  BulkRequest: {
    delete: {
      summary: 'Put what failed before a date into the bin: a job',
      value: { filter: { state: ['failed'], created_before: '2026-11-01' }, action: 'delete' },
    },
    tag: { summary: 'Give generations a tag', value: { ids: [GENERATION_ID], action: 'update', add_tags: ['winter'] } },
    favorite: {
      summary: 'Mark images as favorites',
      value: { image_ids: [`${GENERATION_ID}-0`], action: 'update', favorite: true },
    },
  },
  ExportRequest: {
    generations: { summary: 'Generations with all of their images', value: { format: 'zip', ids: [GENERATION_ID] } },
    images: { summary: 'Single images', value: { format: 'zip', image_ids: [`${GENERATION_ID}-0`] } },
  },
  CreateWebhookRequest: {
    all: { summary: 'Send all events', value: { url: 'https://example.com/hooks/wan' } },
    some: {
      summary: 'Send how generations end',
      value: {
        url: 'https://example.com/hooks/wan',
        events: ['generation.succeeded', 'generation.failed'],
        description: 'Product pages',
      },
    },
  },
  UpdateWebhookRequest: {
    enable: { summary: 'Enable it again', value: { enabled: true } },
    move: { summary: 'Another URL', value: { url: 'https://example.com/hooks/wan-2' } },
  },
  RetentionRequest: {
    ages: {
      summary: 'Images for a year, the bin for 30 days, favorites for good',
      value: { images: { max_age_days: 365 }, bin_days: 30 },
    },
    space: {
      summary: 'The newest 100 GB of images, and what has a tag',
      value: { images: { max_bytes: 100_000_000_000 }, keep_tags: ['winter'] },
    },
  },
} satisfies RequestExamples;

const POLICY = {
  images: { max_age_days: 90, max_bytes: null },
  inputs: { max_age_days: 30 },
  records: { max_age_days: 365, max_count: null },
  bin_days: 30,
  keep_favorites: true,
  keep_tags: ['winter'],
};

/** One for each schema. */
export const RESPONSE_EXAMPLES: ResponseExamples = {
  GenerationResponse: { created: 1_795_507_200, data: [{ url: IMAGE_URL }] },
  Error: {
    error: {
      message: 'size "4K" is only for wan2.7-image-pro: use "2K", or the model wan2.7-image-pro.',
      type: 'invalid_request_error',
      param: 'size',
      code: 'invalid_request',
    },
  },
  Generation: GENERATION,
  GenerationList: { ...LAST_PAGE, data: [GENERATION] },
  GenerationStateChange: { id: GENERATION_ID, state: 'succeeded', outcome: 'billed', error: null },
  Image: IMAGE,
  InputImage: INPUT_IMAGE,
  ImageList: { ...LAST_PAGE, data: [IMAGE_LIST_ITEM] },
  ImageListItem: IMAGE_LIST_ITEM,
  SingleImage: { ...IMAGE, generation_id: GENERATION_ID },
  TagList: { object: 'list', data: [{ tag: 'winter', generations: 12 }] },
  Lineage: {
    object: 'lineage',
    nodes: [
      {
        id: GENERATION_ID,
        exists: true,
        state: 'succeeded',
        model: 'wan2.7-image-pro',
        prompt: PROMPT,
        created_at: '2026-11-24T08:00:00.000Z',
        deleted_at: null,
        images: [{ id: IMAGE.id, url: IMAGE_URL, width: 1024, height: 1024, thumbhash: IMAGE.thumbhash }],
      },
    ],
    edges: [],
    truncated: false,
  },
  BulkResult: { object: 'bulk_result', matched: 12, changed: 11 },
  Job: JOB,
  JobList: { object: 'list', data: [JOB] },
  Webhook: WEBHOOK,
  WebhookWithSecret: { ...WEBHOOK, secret: 'whsec_RVhBTVBMRUVYQU1QTEVFWEFNUExFRVhBTVBMRTEyMzQ=' },
  WebhookList: { ...LAST_PAGE, data: [WEBHOOK] },
  WebhookDelivery: DELIVERY,
  WebhookDeliveryList: { ...LAST_PAGE, data: [DELIVERY] },
  Retention: {
    object: 'retention',
    ...POLICY,
    updated_at: '2026-11-24T09:00:00.000Z',
    last_run: {
      started_at: '2026-11-24T10:00:00.000Z',
      finished_at: '2026-11-24T10:00:04.120Z',
      job_id: JOB.id,
      state: 'succeeded',
      result: { images: 120, inputs: 8, records: 12, bin: 3, bytes: 191_734_212 },
    },
  },
  RetentionPreview: {
    object: 'retention_preview',
    images: { matched: 120, bytes: 180_000_000 },
    inputs: { matched: 8, bytes: 9_120_000 },
    records: { matched: 12, bytes: 2_614_212 },
    bin: { matched: 0, bytes: 0 },
    capped: false,
  },
  Model: { id: 'wan2.7-image', object: 'model', created: 1_777_593_600, owned_by: 'alibaba' },
  ModelList: {
    object: 'list',
    data: [
      { id: 'wan2.7-image-pro', object: 'model', created: 1_777_593_600, owned_by: 'alibaba' },
      { id: 'wan2.7-image', object: 'model', created: 1_777_593_600, owned_by: 'alibaba' },
    ],
  },
  Project: PROJECT,
  ProjectList: { ...LAST_PAGE, data: [PROJECT] },
  ApiKey: API_KEY,
  ApiKeyList: { ...LAST_PAGE, data: [API_KEY] },
  CreatedApiKey: { ...API_KEY, last_used_at: null, key: 'wan_3kQxZ1EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEE' },
  Liveness: { status: 'ok', version: '1.4.0', commit: '36cabfd21a0c' },
  Readiness: { status: 'ready', checks: { database: 'ok', store: 'ok', spool: 'ok' } },
  ServiceInfo: {
    version: '1.4.0',
    simulated: false,
    key_required: true,
    scopes: ['generate', 'read'],
    prices: { 'wan2.7-image': '0.20', 'wan2.7-image-pro': '0.50' },
    currency: 'CNY',
    search: { complete: true, indexed: 1 },
  },
  Statistics: {
    object: 'stats',
    from: '2026-11-27T00:00:00.000Z',
    to: '2026-11-28T00:00:00.000Z',
    complete: true,
    data: [
      {
        model: 'wan2.7-image',
        simulated: false,
        generations: { succeeded: 61, failed: 2, canceled: 1 },
        unknown: 1,
        failures: { timeout: 1, content_policy_violation: 1 },
        images: 244,
        cost: { CNY: '49.60' },
        latency: { p50_ms: 18_400, p95_ms: 41_200 },
        stored_bytes: 1_046_872_331,
        deleted_bytes: 0,
      },
    ],
  },
  Timeline: { object: 'timeline', complete: true, data: [{ day: '2026-11-27', images: 244 }] },
};
