import * as z from 'zod/mini';
import { AMOUNT, API_KEY_SCOPES, MAX_NAME_LENGTH, MAX_RATE_LIMIT, SPEND_PERIODS } from './access-rules.ts';
import { must, onlyKnown } from './field-messages.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { problemsOf } from './problem.ts';
import { UUID } from './uuid.ts';

const nameRule = must(`name must be a string of 1 to ${MAX_NAME_LENGTH} characters`);
const nameField = z.string(nameRule).check(z.trim(), z.minLength(1, nameRule), z.maxLength(MAX_NAME_LENGTH, nameRule));

function unknownFields(...known: readonly string[]): ReturnType<typeof onlyKnown> {
  return onlyKnown('The body', 'field', `Known fields: ${known.join(', ')}.`);
}

const projectIdRule = must('project_id must be the id of a project');
const projectId = z.string(projectIdRule).check(z.regex(UUID, projectIdRule), z.toLowerCase());

const scopesRule = must(`scopes must be a list of one or more of ${API_KEY_SCOPES.join(', ')}`);
const rateRule = must(
  `rate_limit must be a whole number from 1 to ${MAX_RATE_LIMIT} (generations per minute), or null`,
);
const amountRule = must(
  'amount must be a decimal string such as "12.50", below 1000000000 and with at most six decimal places',
);
const periodRule = must(`period must be one of ${SPEND_PERIODS.join(', ')}`);
const expiryRule = must('expires_at must be a time in the future, such as "2030-01-01T00:00:00Z", or null');

export const createProjectRequest = z.strictObject({ name: nameField }, unknownFields('name'));
export type CreateProjectRequest = z.output<typeof createProjectRequest>;

export const createApiKeyRequest = z.strictObject(
  {
    /** Default: the default project. */
    project_id: z.optional(projectId),
    name: nameField,
    /** Default: `generate` and `read`. */
    scopes: z.optional(z.array(z.enum(API_KEY_SCOPES, scopesRule), scopesRule).check(z.minLength(1, scopesRule))),
    /** Generations per minute, which is also the largest burst. */
    rate_limit: z.optional(
      z.nullable(z.int(rateRule).check(z.minimum(1, rateRule), z.maximum(MAX_RATE_LIMIT, rateRule))),
    ),
    spend_limit: z.optional(
      z.nullable(
        z.strictObject(
          {
            amount: z.string(amountRule).check(z.regex(AMOUNT, amountRule)),
            period: z.enum(SPEND_PERIODS, periodRule),
          },
          unknownFields('amount', 'period'),
        ),
      ),
    ),
    expires_at: z.optional(z.nullable(z.iso.datetime({ offset: true, ...expiryRule }))),
  },
  unknownFields('project_id', 'name', 'scopes', 'rate_limit', 'spend_limit', 'expires_at'),
);
export type CreateApiKeyRequest = z.output<typeof createApiKeyRequest>;

/** Parses the body of `POST /v1/projects`. */
export function parseCreateProject(input: unknown): Parsed<CreateProjectRequest> {
  return parseWith(createProjectRequest, input);
}

/** Parses the body of `POST /v1/api-keys`. */
export function parseCreateApiKey(input: unknown): Parsed<CreateApiKeyRequest> {
  return parseWith(createApiKeyRequest, input);
}

export type ApiKeyListQuery = ListQuery & { readonly projectId: string | null };

/** Parses the query of `GET /v1/api-keys`: that of a list, and `project_id`. */
export function parseApiKeyListQuery(input: Readonly<Record<string, unknown>>): Parsed<ApiKeyListQuery> {
  const { project_id, ...page } = input;
  const project = z.optional(projectId).safeParse(project_id);
  const query = parseListQuery(page);
  const problems = [
    ...(project.success ? [] : problemsOf(project.error).map(({ message }) => ({ param: 'project_id', message }))),
    ...(query.ok ? [] : query.problems),
  ];
  if (!project.success || !query.ok) return { ok: false, problems };
  return { ok: true, value: { ...query.value, projectId: project.data ?? null } };
}
