import type { Scope } from '../domain/scope.ts';

/** Which generations of a scope are meant. The one value that lists and, later, bulk changes, exports and statistics share. */
export interface GenerationFilter {
  /** Only those that are older than this one: the id of a UUID v7 sorts by time, so it is the cursor of a list too. */
  readonly before?: string;
}

/** A condition on `generation`, with the values of its named parameters. */
export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The one place where a scope and a filter become SQL. */
export function whereOf({ projectId }: Scope, { before }: GenerationFilter = {}): Condition {
  const conditions: Condition[] = [{ sql: 'generation.project_id = :projectId', parameters: { projectId } }];
  if (before !== undefined) conditions.push({ sql: 'generation.id < :before', parameters: { before } });
  return {
    sql: conditions.map(({ sql }) => sql).join(' and '),
    parameters: Object.assign({}, ...conditions.map(({ parameters }) => parameters)) as Condition['parameters'],
  };
}
