import { contractJsonSchemas, REQUEST_EXAMPLES, RESPONSE_EXAMPLES, type JsonSchema } from '@wan-image/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_PATHS } from '../access/access.openapi.ts';
import { IMAGE_PATHS } from '../delivery/images.openapi.ts';
import { JOB_PATHS } from '../background-jobs/background-jobs.openapi.ts';
import { EXPORT_PATHS } from '../exports/exports.openapi.ts';
import { ACTION_PATHS } from '../gateway/actions.openapi.ts';
import { GATEWAY_PATHS, requestSchema } from '../gateway/generate.openapi.ts';
import { GENERATION_PATHS } from '../generations/generations.openapi.ts';
import { LIBRARY_PATHS } from '../library/library.openapi.ts';
import { STATS_PATHS } from '../stats/stats.openapi.ts';
import { RETENTION_PATHS } from '../retention/retention.openapi.ts';
import { HEALTH_PATHS } from '../health/health.openapi.ts';
import { WEBHOOK_PATHS } from '../webhooks/webhooks.openapi.ts';
import { VERSION_TEXT } from '../config/version.ts';
import { SCHEMA_PREFIX, TAGS, type Paths } from '../http/openapi.ts';
import { HEADER_COMPONENTS } from '../http/openapi-headers.ts';

const DESCRIPTION = `The Wan 2.7 image API of AnyFast, with a record of every generation and its images.

Errors have the form of OpenAI's API. \`x-should-retry: false\` marks those after which a retry could be billed again.`;

/** The API as OpenAPI 3.1: the paths of each feature, and the schemas of the contract. */
export function openapiDocument(): OpenAPIObject {
  return {
    openapi: '3.1.0',
    info: { title: 'wan-image history', version: VERSION_TEXT, description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: [
      { name: TAGS.images, description: 'Generate images and fetch them.' },
      { name: TAGS.history, description: 'Read and change the records of generations.' },
      { name: TAGS.library, description: 'Organize what was generated: tags, notes, favorites, the bin.' },
      { name: TAGS.webhooks, description: 'Tell your own endpoints what happens to generations.' },
      { name: TAGS.access, description: 'Manage tenants and their keys, with the admin key.' },
      { name: TAGS.service, description: 'Checks for load balancers and orchestrators.' },
    ],
    paths: merged(
      GATEWAY_PATHS,
      IMAGE_PATHS,
      GENERATION_PATHS,
      ACTION_PATHS,
      LIBRARY_PATHS,
      JOB_PATHS,
      EXPORT_PATHS,
      STATS_PATHS,
      WEBHOOK_PATHS,
      RETENTION_PATHS,
      ACCESS_PATHS,
      HEALTH_PATHS,
    ),
    components: {
      schemas: schemas(),
      headers: HEADER_COMPONENTS,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key with the scope that the operation requires, or the admin key, which has every scope in the default project. A service without ADMIN_API_KEY accepts requests without a key, from this machine only.',
        },
        admin: { type: 'http', scheme: 'bearer', description: 'The admin key (ADMIN_API_KEY).' },
      },
    },
  };
}

/** Two features may have methods of the same path. */
function merged(...all: readonly Paths[]): Paths {
  const paths: Paths = {};
  for (const [path, methods] of all.flatMap((some) => Object.entries(some)))
    paths[path] = { ...paths[path], ...methods };
  return paths;
}

/** The JSON Schemas of the contract, which OpenAPI 3.1 accepts unchanged, each with examples, which a page offers to send. */
function schemas(): Record<string, JsonSchema> {
  const requests = Object.entries(REQUEST_EXAMPLES).map(([name, examples]): [string, unknown[]] => [
    name,
    Object.values(examples).map(({ value }): unknown => value),
  ]);
  const responses = Object.entries(RESPONSE_EXAMPLES).map(([name, example]): [string, unknown[]] => [name, [example]]);
  const examples = new Map([...requests, ...responses]);
  const own = { ...contractJsonSchemas(SCHEMA_PREFIX), GenerationRequest: requestSchema() };
  return Object.fromEntries(
    Object.entries(own).map(([name, schema]) => [name, { ...schema, examples: examples.get(name) }]),
  );
}
