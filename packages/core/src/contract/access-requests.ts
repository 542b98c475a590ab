import * as z from 'zod/mini';
import { AMOUNT, API_KEY_SCOPES, MAX_NAME_LENGTH, MAX_RATE_LIMIT, SPEND_PERIODS } from './access-rules.ts';
import { must, onlyKnown } from './field-messages.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { problemsOf } from './problem.ts';
import { UUID } from './uuid.ts';

const wholeName = must(`name must be a text of 1 to ${MAX_NAME_LENGTH} characters`);
const nameField = z
  .string(wholeName)
  .check(z.trim(), z.minLength(1, wholeName), z.maxLength(MAX_NAME_LENGTH, wholeName));

function unknownFields(...known: readonly string[]): ReturnType<typeof onlyKnown> {
  return onlyKnown('the value', 'field', `Known are ${known.join(', ')}.`);
}

const wholeId = must('project_id must be the id of a project');
const projectId = z.string(wholeId).check(z.regex(UUID, wholeId), z.toLowerCase());

const someScopes = must(`scopes must be a list of one or more of ${API_KEY_SCOPES.join(', ')}`);
const wholeRate = must(`rate_limit must be a whole number from 1 to ${MAX_RATE_LIMIT} (generations a minute), or null`);
const wholeAmount = must(
  'amount must be a decimal number as a text, such as "12.50": below 1000000000, with up to six places',
);
const wholePeriod = must(`period must be one of ${SPEND_PERIODS.join(', ')}`);
const futureTime = must('expires_at must be a time to come, such as "2030-01-01T00:00:00Z", or null');

export const createProjectRequest = z.strictObject({ name: nameField }, unknownFields('name'));
export type CreateProjectRequest = z.output<typeof createProjectRequest>;

export const createApiKeyRequest = z.strictObject(
  {
    /** Left out: the default project. */
    project_id: z.optional(projectId),
    name: nameField,
    /** Left out: `generate` and `read`. */
    scopes: z.optional(z.array(z.enum(API_KEY_SCOPES, someScopes), someScopes).check(z.minLength(1, someScopes))),
    /** Generations a minute, that many at once at most. */
    rate_limit: z.optional(
      z.nullable(z.int(wholeRate).check(z.minimum(1, wholeRate), z.maximum(MAX_RATE_LIMIT, wholeRate))),
    ),
    spend_limit: z.optional(
      z.nullable(
        z.strictObject(
          {
            amount: z.string(wholeAmount).check(z.regex(AMOUNT, wholeAmount)),
            period: z.enum(SPEND_PERIODS, wholePeriod),
          },
          unknownFields('amount', 'period'),
        ),
      ),
    ),
    expires_at: z.optional(z.nullable(z.iso.datetime({ offset: true, ...futureTime }))),
  },
  unknownFields('project_id', 'name', 'scopes', 'rate_limit', 'spend_limit', 'expires_at'),
);
export type CreateApiKeyRequest = z.output<typeof createApiKeyRequest>;

/** The body of `POST /v1/projects`. */
export function parseCreateProject(input: unknown): Parsed<CreateProjectRequest> {
  return parseWith(createProjectRequest, input);
}

/** The body of `POST /v1/api-keys`. */
export function parseCreateApiKey(input: unknown): Parsed<CreateApiKeyRequest> {
  return parseWith(createApiKeyRequest, input);
}

export type ApiKeyListQuery = ListQuery & { readonly projectId: string | null };

/** The query of `GET /v1/api-keys`: that of a list, and `project_id`. */
export function parseApiKeyListQuery(input: Readonly<Record<string, unknown>>): Parsed<ApiKeyListQuery> {
  const { project_id: given, ...page } = input;
  const project = z.optional(projectId).safeParse(given);
  const query = parseListQuery(page);
  const problems = [
    ...(project.success ? [] : problemsOf(project.error).map(({ message }) => ({ param: 'project_id', message }))),
    ...(query.ok ? [] : query.problems),
  ];
  if (!project.success || !query.ok) return { ok: false, problems };
  return { ok: true, value: { ...query.value, projectId: project.data ?? null } };
}
