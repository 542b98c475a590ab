import type { Scope } from '../domain/scope.ts';

/** Selects generations within a scope. Lists use it and, later, bulk changes, exports and statistics. */
export interface GenerationFilter {
  /** Only generations older than this one: UUID v7 ids sort by time, so the id also serves as the cursor of a list. */
  readonly before?: string;
}

/** A condition on `generation`, with the values of its named parameters. */
export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The only place where a scope and a filter become SQL. */
export function whereOf({ projectId }: Scope, { before }: GenerationFilter = {}): Condition {
  const conditions: Condition[] = [{ sql: 'generation.project_id = :projectId', parameters: { projectId } }];
  if (before !== undefined) conditions.push({ sql: 'generation.id < :before', parameters: { before } });
  return {
    sql: conditions.map(({ sql }) => sql).join(' and '),
    parameters: Object.assign({}, ...conditions.map(({ parameters }) => parameters)) as Condition['parameters'],
  };
}
