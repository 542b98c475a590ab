import * as z from 'zod/mini';
import { AMOUNT, API_KEY_SCOPES, MAX_NAME_LENGTH, MAX_RATE_LIMIT, SPEND_PERIODS } from './access-rules.ts';
import type { CreateApiKeyRequest, CreateProjectRequest, CreateSessionRequest } from './access-types.ts';
import { must, onlyKnown } from './field-messages.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { UUID } from './uuid.ts';

const nameRule = must(`name must be a string of 1 to ${MAX_NAME_LENGTH} characters`);
/** A name of 1 to 100 characters, without white space around it. */
export const nameField = z
  .string(nameRule)
  .check(z.trim(), z.minLength(1, nameRule), z.maxLength(MAX_NAME_LENGTH, nameRule));

/** The error of a body with an unknown field. */
export function unknownFields(...known: readonly string[]): ReturnType<typeof onlyKnown> {
  return onlyKnown('The body', 'field', `Known fields: ${known.join(', ')}.`);
}

const projectIdRule = must('project_id must be the id of a project');
/** The id of a project, in lower case. */
export const projectId = z.string(projectIdRule).check(z.regex(UUID, projectIdRule), z.toLowerCase());

/** The fields of an API key, each with the error that names its limit. */
const scopesRule = must(`scopes must be a list of one or more of ${API_KEY_SCOPES.join(', ')}`);
const rateRule = must(
  `rate_limit must be a whole number from 1 to ${MAX_RATE_LIMIT} (generations per minute), or null`,
);
const amountRule = must(
  'amount must be a decimal string such as "12.50", below 1000000000 and with at most six decimal places',
);
const periodRule = must(`period must be one of ${SPEND_PERIODS.join(', ')}`);
const expiryRule = must('expires_at must be a time in the future, such as "2030-01-01T00:00:00Z", or null');

export const scopesField = z.array(z.enum(API_KEY_SCOPES, scopesRule), scopesRule).check(z.minLength(1, scopesRule));
export const rateField = z.nullable(z.int(rateRule).check(z.minimum(1, rateRule), z.maximum(MAX_RATE_LIMIT, rateRule)));
export const amountField = z.string(amountRule).check(z.regex(AMOUNT, amountRule));
export const periodField = z.enum(SPEND_PERIODS, periodRule);
export const expiryField = z.nullable(z.iso.datetime({ offset: true, ...expiryRule }));

export const createProjectRequest = z.strictObject({ name: nameField }, unknownFields('name'));

export const createApiKeyRequest = z.strictObject(
  {
    /** Default: the default project. */
    project_id: z.optional(projectId),
    name: nameField,
    /** Default: `generate` and `read`. */
    scopes: z.optional(scopesField),
    /** Generations per minute, which is also the largest burst. */
    rate_limit: z.optional(rateField),
    spend_limit: z.optional(
      z.nullable(z.strictObject({ amount: amountField, period: periodField }, unknownFields('amount', 'period'))),
    ),
    expires_at: z.optional(expiryField),
  },
  unknownFields('project_id', 'name', 'scopes', 'rate_limit', 'spend_limit', 'expires_at'),
);

const apiKeyRule = must('api_key must be an API key, or the admin key: a string of 1 to 1000 characters');

export const createSessionRequest = z.strictObject(
  { api_key: z.string(apiKeyRule).check(z.minLength(1, apiKeyRule), z.maxLength(1000, apiKeyRule)) },
  unknownFields('api_key'),
);

/** Parses the body of `POST /v1/session`. */
export function parseCreateSession(input: unknown): Parsed<CreateSessionRequest> {
  return parseWith(createSessionRequest, input);
}

/** Parses the body of `POST /v1/projects`. */
export function parseCreateProject(input: unknown): Parsed<CreateProjectRequest> {
  return parseWith(createProjectRequest, input);
}

/** Parses the body of `POST /v1/api-keys`. */
export function parseCreateApiKey(input: unknown): Parsed<CreateApiKeyRequest> {
  return parseWith(createApiKeyRequest, input);
}
