import type * as z from 'zod/mini';
import { expectTypeOf, test } from 'vitest';
import type { apiKeyList, apiKeyRecord, createdApiKey, projectList, projectRecord } from './access-records.ts';
import type { createApiKeyRequest, createProjectRequest } from './access-requests.ts';
import type {
  ApiKeyList,
  ApiKeyRecord,
  CreateApiKeyRequest,
  CreatedApiKey,
  CreateProjectRequest,
  ProjectList,
  ProjectRecord,
  UpdateApiKeyRequest,
  UpdateProjectRequest,
} from './access-types.ts';
import type { updateApiKeyRequest, updateProjectRequest } from './access-updates.ts';
import type { errorBody, ErrorBody } from './error-body.ts';
import type {
  generationList,
  generationRecord,
  generationStateChange,
  imageList,
  imageRecord,
  inputImageRecord,
  singleImageRecord,
  tagList,
} from './generation-record.ts';
import type { clientRequest, generationRequest } from './generation-request.ts';
import type { generationResponse, GenerationResponse } from './generation-response.ts';
import type {
  GenerationList,
  GenerationRecord,
  GenerationStateChange,
  ImageRecord,
  InputImageRecord,
} from './generation-types.ts';
import type { liveness, Liveness, readiness, Readiness } from './health.ts';
import type { listQuery, ListQuery } from './list-query.ts';
import type { model, Model, modelList, ModelList } from './models.ts';
import type { ClientRequest, GenerationRequest, GenerationRequestInput, ImageSize } from './request-types.ts';
import type { resolution, Resolution } from './resolution.ts';
import type { backgroundJob, backgroundJobList } from './background-job.ts';
import type { statistics, Statistics, timeline, Timeline } from './statistics.ts';
import type { exportRequest } from './export-request.ts';
import type { bulkRequest, bulkResult, updateGenerationRequest, updateImageRequest } from './library-requests.ts';
import type {
  BackgroundJob,
  BackgroundJobList,
  BulkChange,
  ExportRequest,
  BulkResult,
  ImageList,
  Lineage,
  SingleImageRecord,
  TagList,
  UpdateGenerationRequest,
  UpdateImageRequest,
} from './library-types.ts';
import type { retention, retentionPreview } from './retention.ts';
import type { retentionRequest } from './retention-request.ts';
import type { Retention, RetentionPolicy, RetentionPreview, RetentionRequest } from './retention-types.ts';
import type { lineage } from './lineage.ts';
import type { generationFilter, GenerationFilter } from './generation-filter.ts';
import type { waitQuery, WaitQuery } from './wait-query.ts';
import type {
  webhookDelivery,
  webhookDeliveryList,
  webhookList,
  webhookRecord,
  webhookWithSecret,
} from './webhook-records.ts';
import type { createWebhookRequest, updateWebhookRequest } from './webhook-requests.ts';
import type {
  CreateWebhookRequest,
  UpdateWebhookRequest,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookList,
  WebhookRecord,
  WebhookWithSecret,
} from './webhook-types.ts';

// The types are written out, so that an editor shows the description of each field. Each has to be exactly that of its schema.
test('the types of requests are those of their schemas', () => {
  type Input = z.input<typeof generationRequest>;
  expectTypeOf<Omit<GenerationRequestInput, 'size'>>().toEqualTypeOf<Omit<Input, 'size'>>();
  // A string, of which the presets are offered as completions.
  expectTypeOf<Input['size']>().toExtend<GenerationRequestInput['size']>();
  expectTypeOf<GenerationRequestInput['size']>().toExtend<Input['size']>();
  expectTypeOf<'1K' | '2K' | '4K'>().toExtend<ImageSize>();
  expectTypeOf<GenerationRequest>().branded.toEqualTypeOf<z.output<typeof generationRequest>>();
  type Image = Exclude<z.output<typeof clientRequest>['image'], undefined>;
  expectTypeOf<ClientRequest>().branded.toEqualTypeOf<Omit<GenerationRequest, 'image'> & { image?: Image }>();
  expectTypeOf<Resolution>().toEqualTypeOf<z.input<typeof resolution>>();
  expectTypeOf<CreateProjectRequest>().toEqualTypeOf<z.input<typeof createProjectRequest>>();
  expectTypeOf<CreateApiKeyRequest>().toEqualTypeOf<z.input<typeof createApiKeyRequest>>();
  expectTypeOf<UpdateProjectRequest>().toEqualTypeOf<z.input<typeof updateProjectRequest>>();
  expectTypeOf<UpdateApiKeyRequest>().toEqualTypeOf<z.input<typeof updateApiKeyRequest>>();
  expectTypeOf<ListQuery>().toEqualTypeOf<z.output<typeof listQuery>>();
  expectTypeOf<WaitQuery>().toEqualTypeOf<z.output<typeof waitQuery>>();
  expectTypeOf<UpdateGenerationRequest>().toEqualTypeOf<z.output<typeof updateGenerationRequest>>();
  expectTypeOf<UpdateImageRequest>().toEqualTypeOf<z.output<typeof updateImageRequest>>();
  // The pairs of `metadata` are strings, which another rule checks.
  expectTypeOf<keyof GenerationFilter>().toEqualTypeOf<keyof z.output<typeof generationFilter>>();
  // Its lists may be read-only, and its filter is checked by a parser of its own.
  type BulkInput = Omit<z.input<typeof bulkRequest>, 'filter'>;
  expectTypeOf<BulkInput>().toExtend<Omit<BulkChange, 'filter'>>();
  expectTypeOf<keyof BulkChange>().toEqualTypeOf<keyof z.input<typeof bulkRequest>>();
  // Its lists may be read-only.
  expectTypeOf<z.input<typeof exportRequest>>().toExtend<ExportRequest>();
  expectTypeOf<keyof ExportRequest>().toEqualTypeOf<keyof z.input<typeof exportRequest>>();
  expectTypeOf<BulkResult>().toEqualTypeOf<z.output<typeof bulkResult>>();
  expectTypeOf<BackgroundJob>().toEqualTypeOf<z.output<typeof backgroundJob>>();
  expectTypeOf<Statistics>().toEqualTypeOf<z.output<typeof statistics>>();
  expectTypeOf<Timeline>().toEqualTypeOf<z.output<typeof timeline>>();
  expectTypeOf<BackgroundJobList>().toEqualTypeOf<z.output<typeof backgroundJobList>>();
  // Its tags may be read-only.
  expectTypeOf<z.input<typeof retentionRequest>>().toExtend<RetentionRequest>();
  expectTypeOf<keyof RetentionRequest>().toEqualTypeOf<keyof z.input<typeof retentionRequest>>();
  expectTypeOf<RetentionPolicy>().toEqualTypeOf<z.output<typeof retentionRequest>>();
  expectTypeOf<Lineage>().toEqualTypeOf<z.output<typeof lineage>>();
  expectTypeOf<ImageList>().toEqualTypeOf<z.output<typeof imageList>>();
  expectTypeOf<SingleImageRecord>().branded.toEqualTypeOf<z.output<typeof singleImageRecord>>();
  expectTypeOf<TagList>().toEqualTypeOf<z.output<typeof tagList>>();
});

test('the types of webhooks are those of their schemas', () => {
  expectTypeOf<CreateWebhookRequest>().toEqualTypeOf<z.input<typeof createWebhookRequest>>();
  expectTypeOf<UpdateWebhookRequest>().toEqualTypeOf<z.input<typeof updateWebhookRequest>>();
  expectTypeOf<WebhookRecord>().toEqualTypeOf<z.output<typeof webhookRecord>>();
  expectTypeOf<WebhookWithSecret>().branded.toEqualTypeOf<z.output<typeof webhookWithSecret>>();
  expectTypeOf<WebhookList>().toEqualTypeOf<z.output<typeof webhookList>>();
  expectTypeOf<WebhookDelivery>().toEqualTypeOf<z.output<typeof webhookDelivery>>();
  expectTypeOf<WebhookDeliveryList>().toEqualTypeOf<z.output<typeof webhookDeliveryList>>();
});

test('the types of responses are those of their schemas', () => {
  expectTypeOf<InputImageRecord>().toEqualTypeOf<z.output<typeof inputImageRecord>>();
  expectTypeOf<ImageRecord>().toEqualTypeOf<z.output<typeof imageRecord>>();
  expectTypeOf<GenerationStateChange>().toEqualTypeOf<z.output<typeof generationStateChange>>();
  expectTypeOf<GenerationRecord>().toEqualTypeOf<z.output<typeof generationRecord>>();
  expectTypeOf<GenerationList>().toEqualTypeOf<z.output<typeof generationList>>();
  expectTypeOf<GenerationResponse>().toEqualTypeOf<z.output<typeof generationResponse>>();
  expectTypeOf<ErrorBody>().toEqualTypeOf<z.output<typeof errorBody>>();
  expectTypeOf<Retention>().branded.toEqualTypeOf<z.output<typeof retention>>();
  expectTypeOf<RetentionPreview>().toEqualTypeOf<z.output<typeof retentionPreview>>();
  expectTypeOf<Model>().toEqualTypeOf<z.output<typeof model>>();
  expectTypeOf<ModelList>().toEqualTypeOf<z.output<typeof modelList>>();
  expectTypeOf<ProjectRecord>().toEqualTypeOf<z.output<typeof projectRecord>>();
  expectTypeOf<ProjectList>().toEqualTypeOf<z.output<typeof projectList>>();
  expectTypeOf<ApiKeyRecord>().toEqualTypeOf<z.output<typeof apiKeyRecord>>();
  expectTypeOf<CreatedApiKey>().toEqualTypeOf<z.output<typeof createdApiKey>>();
  expectTypeOf<ApiKeyList>().toEqualTypeOf<z.output<typeof apiKeyList>>();
  expectTypeOf<Liveness>().toEqualTypeOf<z.output<typeof liveness>>();
  expectTypeOf<Readiness>().toEqualTypeOf<z.output<typeof readiness>>();
});
