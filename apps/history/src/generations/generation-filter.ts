import type { ClientReference } from '@wan-image/core';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';

/** Selects generations within a scope. Lists use it and, later, bulk changes, exports and statistics. */
export interface GenerationFilter extends Partial<ClientReference> {
  /** Only generations older than this one: UUID v7 ids sort by time, so the id also serves as the cursor of a list. */
  readonly before?: string;
}

/** A condition on `generation`, with the values of its named parameters. */
export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The only place where a scope and a filter become SQL. */
export function whereOf(
  { projectId }: ReadScope,
  { before, user = null, metadata = null }: GenerationFilter = {},
): Condition {
  const conditions: Condition[] =
    projectId === ALL_PROJECTS
      ? [{ sql: 'true', parameters: {} }]
      : [{ sql: 'generation.project_id = :projectId', parameters: { projectId } }];
  if (before !== undefined) conditions.push({ sql: 'generation.id < :before', parameters: { before } });
  if (user !== null) conditions.push({ sql: 'generation.clientUser = :user', parameters: { user } });
  if (metadata !== null) {
    // All of its pairs; the generation may have more.
    conditions.push({
      sql: 'generation.metadata @> cast(:metadata as jsonb)',
      parameters: { metadata: JSON.stringify(metadata) },
    });
  }
  return {
    sql: conditions.map(({ sql }) => sql).join(' and '),
    parameters: Object.assign({}, ...conditions.map(({ parameters }) => parameters)) as Condition['parameters'],
  };
}
