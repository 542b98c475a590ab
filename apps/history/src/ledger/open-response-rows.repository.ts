import type { OpenResponseEntity } from './open-response.entity.ts';

/** The row of a new generation. */
export type NewOpenResponse = Omit<OpenResponseEntity, 'isDetached' | 'since'>;

/** The part of the statement that inserts generations which opens their responses: a CTE; `values` names the parameter with its JSON. */
export function openResponsesSql(columns: string, values: string): string {
  return `opened as (
    insert into open_response (${columns})
    select ${columns} from jsonb_populate_recordset(null::open_response, ${values}))`;
}
