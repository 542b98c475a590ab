import * as z from 'zod/mini';
import { apiKeyList, apiKeyRecord, createdApiKey, projectList, projectRecord } from './access-records.ts';
import { createApiKeyRequest, createProjectRequest } from './access-requests.ts';
import { errorBody } from './error-body.ts';
import { generationList, generationRecord, imageRecord, inputImageRecord } from './generation-record.ts';
import { generationResponse } from './generation-response.ts';
import { generationRequest } from './generation-request.ts';
import { modelList } from './models.ts';
import { PARAMETER_DESCRIPTIONS } from './parameter-descriptions.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The contract as JSON Schema (draft 2020-12), derived from the zod schemas. Built on each call: reuse the result. */
export function contractJsonSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    GenerationRequest: requestSchema(),
    GenerationResponse: derive(generationResponse),
    Error: derive(errorBody),
    Generation: derive(generationRecord),
    GenerationList: derive(generationList),
    Image: derive(imageRecord),
    InputImage: derive(inputImageRecord),
    ModelList: derive(modelList),
    Project: derive(projectRecord),
    ProjectList: derive(projectList),
    CreateProjectRequest: derive(createProjectRequest),
    ApiKey: derive(apiKeyRecord),
    ApiKeyList: derive(apiKeyList),
    CreatedApiKey: derive(createdApiKey),
    CreateApiKeyRequest: derive(createApiKeyRequest),
  };
}

function derive(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, { io: 'input' });
  return jsonSchema;
}

function requestSchema(): JsonSchema {
  const schema = derive(generationRequest);
  const properties = schema['properties'] as Record<string, JsonSchema>; // an object schema has them
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(PARAMETER_DESCRIPTIONS).map(([name, description]) => [name, { ...properties[name], description }]),
    ),
  };
}
