import * as z from 'zod/mini';
import { apiKeyList, apiKeyRecord, createdApiKey, projectList, projectRecord } from './access-records.ts';
import { createApiKeyRequest, createProjectRequest, createSessionRequest } from './access-requests.ts';
import { updateApiKeyRequest, updateProjectRequest } from './access-updates.ts';
import { backgroundJob, backgroundJobList } from './background-job.ts';
import { errorBody } from './error-body.ts';
import {
  generationList,
  generationRecord,
  generationStateChange,
  imageList,
  imageListItem,
  imageRecord,
  inputImageRecord,
  singleImageRecord,
  tagList,
} from './generation-record.ts';
import { exportRequest } from './export-request.ts';
import { generationResponse } from './generation-response.ts';
import { generationRequest } from './generation-request.ts';
import { bulkRequest, bulkResult, updateGenerationRequest, updateImageRequest } from './library-requests.ts';
import { lineage } from './lineage.ts';
import { liveness, readiness } from './health.ts';
import { serviceInfo } from './service-info.ts';
import { model, modelList } from './models.ts';
import { PARAMETER_DESCRIPTIONS } from './parameter-descriptions.ts';
import { resolution } from './resolution.ts';
import { retention, retentionPreview } from './retention.ts';
import { retentionRequest } from './retention-request.ts';
import { RESPONSE_DESCRIPTIONS } from './response-descriptions.ts';
import { statistics, timeline } from './statistics.ts';
import {
  webhookDelivery,
  webhookDeliveryList,
  webhookList,
  webhookRecord,
  webhookWithSecret,
} from './webhook-records.ts';
import { createWebhookRequest, updateWebhookRequest } from './webhook-requests.ts';

/** A JSON Schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a client sends, before defaults are filled in. */
export const REQUEST_SCHEMAS = {
  GenerationRequest: generationRequest,
  ResolveGenerationRequest: resolution,
  CreateProjectRequest: createProjectRequest,
  CreateApiKeyRequest: createApiKeyRequest,
  CreateSessionRequest: createSessionRequest,
  UpdateProjectRequest: updateProjectRequest,
  UpdateApiKeyRequest: updateApiKeyRequest,
  UpdateGenerationRequest: updateGenerationRequest,
  UpdateImageRequest: updateImageRequest,
  BulkRequest: bulkRequest,
  ExportRequest: exportRequest,
  CreateWebhookRequest: createWebhookRequest,
  UpdateWebhookRequest: updateWebhookRequest,
  RetentionRequest: retentionRequest,
};

/** What a service sends. Fields with a default, which clients need for older services, are always present. */
export const RESPONSE_SCHEMAS = {
  GenerationResponse: generationResponse,
  Error: errorBody,
  Generation: generationRecord,
  GenerationList: generationList,
  GenerationStateChange: generationStateChange,
  Image: imageRecord,
  InputImage: inputImageRecord,
  ImageList: imageList,
  ImageListItem: imageListItem,
  SingleImage: singleImageRecord,
  TagList: tagList,
  Lineage: lineage,
  BulkResult: bulkResult,
  Job: backgroundJob,
  JobList: backgroundJobList,
  Webhook: webhookRecord,
  WebhookWithSecret: webhookWithSecret,
  WebhookList: webhookList,
  WebhookDelivery: webhookDelivery,
  WebhookDeliveryList: webhookDeliveryList,
  Retention: retention,
  RetentionPreview: retentionPreview,
  Model: model,
  ModelList: modelList,
  Project: projectRecord,
  ProjectList: projectList,
  ApiKey: apiKeyRecord,
  ApiKeyList: apiKeyList,
  CreatedApiKey: createdApiKey,
  Liveness: liveness,
  Readiness: readiness,
  ServiceInfo: serviceInfo,
  Statistics: statistics,
  Timeline: timeline,
};

/** The names of the schemas of requests and responses. */
export type ContractSchemaName = keyof typeof REQUEST_SCHEMAS | keyof typeof RESPONSE_SCHEMAS;

/**
 * The contract as JSON Schema (draft 2020-12), derived from the zod schemas. Built on each call: reuse the result.
 * The schemas refer to each other as `refPrefix` and a name; OpenAPI takes `#/components/schemas/`.
 */
export function contractJsonSchemas(refPrefix = '#/$defs/'): Readonly<Record<ContractSchemaName, JsonSchema>> {
  const requests = derive(REQUEST_SCHEMAS, 'input', refPrefix);
  const responses = derive(RESPONSE_SCHEMAS, 'output', refPrefix);
  const described = Object.entries(RESPONSE_DESCRIPTIONS).map(
    // Both objects have the same names, which the test compares.
    ([name, descriptions]) => [name, describe(responses[name as keyof typeof responses], descriptions)] as const,
  );
  return {
    ...requests,
    GenerationRequest: describe(requests.GenerationRequest, PARAMETER_DESCRIPTIONS),
    ...responses,
    ...Object.fromEntries(described),
  };
}

function derive<Name extends string>(
  schemas: Readonly<Record<Name, z.core.$ZodType>>,
  io: 'input' | 'output',
  refPrefix: string,
): Readonly<Record<Name, JsonSchema>> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries<z.core.$ZodType>(schemas)) registry.add(schema, { id });
  const derived = z.toJSONSchema(registry, {
    io,
    uri: (id) => refPrefix + id,
    override: ({ jsonSchema }) => {
      // The bounds of every integer of JavaScript are no rule of the contract.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (io === 'input') return;
      // A later version may send more fields, and a client must accept them.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      delete jsonSchema.default;
    },
  });
  const named = Object.entries(derived.schemas).map(([name, standalone]): [string, JsonSchema] => {
    const { $schema: _, $id: __, ...schema } = standalone;
    return [name, schema];
  });
  // One schema for each name that was registered.
  return Object.fromEntries(named) as Record<Name, JsonSchema>;
}

function describe(schema: JsonSchema, descriptions: Readonly<Record<string, string>>): JsonSchema {
  const properties = schema['properties'] as Record<string, JsonSchema>; // an object schema has them
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, { ...property, description: descriptions[name] }]),
    ),
  };
}
