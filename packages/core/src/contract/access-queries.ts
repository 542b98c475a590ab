import * as z from 'zod/mini';
import { projectId } from './access-requests.ts';
import { must } from './field-messages.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import type { Parsed } from './parsed.ts';
import { problemsOf, type Problem } from './problem.ts';

/** The query of `GET /v1/projects`. */
export interface ProjectListQuery extends ListQuery {
  /** Whether the list has what is archived, and nothing else, or what is not. */
  readonly archived: boolean;
}

/** The query of `GET /v1/api-keys`. */
export interface ApiKeyListQuery extends ProjectListQuery {
  /** The project whose keys are listed; null: all. */
  readonly projectId: string | null;
}

const archivedRule = must('archived must be true or false');
const archived = z._default(
  z.pipe(
    z.enum(['true', 'false'], archivedRule),
    z.transform((text) => text === 'true'),
  ),
  false,
);

type Query = Readonly<Record<string, unknown>>;

/** Parses the query of `GET /v1/projects`: that of a list, and `archived` (default `false`). */
export function parseProjectListQuery({ archived: text, ...page }: Query): Parsed<ProjectListQuery> {
  const flag = archived.safeParse(text);
  const query = parseListQuery(page);
  if (flag.success && query.ok) return { ok: true, value: { ...query.value, archived: flag.data } };
  return { ok: false, problems: [...problemsAt('archived', flag), ...(query.ok ? [] : query.problems)] };
}

/** Parses the query of `GET /v1/api-keys`: that of `GET /v1/projects`, and `project_id`. */
export function parseApiKeyListQuery({ project_id: id, ...rest }: Query): Parsed<ApiKeyListQuery> {
  const project = z.optional(projectId).safeParse(id);
  const query = parseProjectListQuery(rest);
  if (project.success && query.ok) return { ok: true, value: { ...query.value, projectId: project.data ?? null } };
  return { ok: false, problems: [...problemsAt('project_id', project), ...(query.ok ? [] : query.problems)] };
}

/** Parses `project_id` of a read with the admin key: the id of a project, or `all`. */
export function parseProjectChoice(input: unknown): Parsed<string> {
  if (input === 'all') return { ok: true, value: 'all' };
  const project = projectId.safeParse(input);
  if (project.success) return { ok: true, value: project.data };
  const message = 'project_id must be the id of a project, once, or "all". GET /v1/projects lists them.';
  return { ok: false, problems: [{ param: 'project_id', message }] };
}

function problemsAt(param: string, result: { readonly error?: z.core.$ZodError | undefined }): Problem[] {
  return result.error === undefined ? [] : problemsOf(result.error).map(({ message }) => ({ param, message }));
}
