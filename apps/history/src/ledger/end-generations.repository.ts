import { In, type EntityManager } from 'typeorm';
import { settleSpendSql } from '../spending/spend.repository.ts';
import { endFiguresSql, imageFiguresSql, SUBJECT, SUBJECT_COLUMNS, subjectSql } from './outbox.repository.ts';
import { addRevisedSql, type RevisedRow } from './text-rows.repository.ts';
import { GenerationImageEntity, type NewImage } from './generation-image.entity.ts';
import { GenerationEntity } from './generation.entity.ts';
import { changesOf, imageRowsOf, jsonRowsOf, jsonText, revisedRowOf } from './json-rows.repository.ts';

/** Error code of a generation whose process another process considers dead. */
export const INTERRUPTED_CODE = 'interrupted';

/** How and when a generation ended. */
export type RecordedEnd = Pick<
  GenerationEntity,
  | 'state'
  | 'outcome'
  | 'error'
  | 'upstreamRequestId'
  | 'upstreamStatus'
  | 'attempts'
  | 'upstreamMessage'
  | 'upstreamExtra'
  | 'upstreamExtraCut'
  | 'responseStatus'
  | 'responseCreated'
  | 'finishedAt'
>;

/**
 * The precondition of the update; a row that does not meet it stays unchanged:
 * - `open`: it has not ended. An end that another process recorded as interrupted is only a guess, so the true end replaces it; if an
 *   operator has resolved the outcome meanwhile, only an end with a known cost does.
 * - `unsent`: as `open`, and the row is still claimed by `workerId`, or by no process.
 * - `orphaned`: it was sent, and the lease of its process has expired.
 * - `queued`: it has not been sent.
 * - `unknown`: it has ended, and it is unknown whether it was billed.
 */
type EndGuard = 'open' | 'unsent' | 'orphaned' | 'queued' | 'unknown';

/** The end of one generation, or a later resolution of its outcome. */
export interface GenerationEnd {
  readonly id: string;
  readonly guard: EndGuard;
  /** Whether something may have been reserved for the generation. */
  readonly isPriced: boolean;
  readonly changes: Partial<RecordedEnd & Pick<GenerationEntity, 'resolvedAt'>>;
  /** Output images. Existing rows stay unchanged. */
  readonly images?: readonly NewImage[];
  /** For the guard `unsent`. */
  readonly workerId?: string | null;
  /** For requests of a caller: a generation of another project stays unchanged. */
  readonly projectId?: string;
}

const END_COLUMNS = `state, outcome, error, upstream_request_id, upstream_status, attempts, upstream_message, upstream_extra,
  upstream_extra_cut, reply_status, reply_created, finished_at, resolved_at`;

/** A generation that has ended is not sent any more, so its record keeps no more of its request than fits. */
const CUT_REQUEST = 'request = coalesce(generation.kept_request, generation.request), kept_request = null';

/** The row that is updated knows its own end, whichever other end it had to wait for. */
const KEEP_REPLACED = `replaced = case when generation.finished_at is not null then ${endFiguresSql('generation')} end`;

/** The event and the figures of each end. An end that replaces another, or resolves its outcome, takes back the figures of that. */
const NOTED = `noted as (
       insert into outbox (${SUBJECT_COLUMNS}, type, state, outcome, added, removed, announced, counted)
       select ${subjectSql('ended')}, 'generation.' || case when replaced is null then state else 'resolved' end, state, outcome,
         figures || coalesce((
           select ${imageFiguresSql('image', 'ended.deleted_at is null')} from recorded as image where image.generation_id = ended.id
         ), '{}'), replaced, false, false
       from ended
     )`;

/** Whether the lease of the process of a row is valid, by the database's clock, which all processes share. */
export function isAliveSql(
  leaseMs: string,
  table: 'generation' | 'open_response' | 'background_job' = 'generation',
): string {
  return `exists (select from worker where worker.id = ${table}.worker_id
    and worker.seen_at > now() - ${leaseMs}::int * interval '1 millisecond')`;
}

const IS_OPEN = `(finished_at is null or error ->> 'code' = '${INTERRUPTED_CODE}')
  and (generation.resolved_at is null or given.changes ->> 'outcome' <> 'unknown')`;

const GUARDS: Readonly<Record<EndGuard, string>> = {
  open: IS_OPEN,
  unsent: `${IS_OPEN} and (generation.worker_id = given.worker_id or (generation.worker_id is null and state = 'queued'))`,
  orphaned: `state = 'running' and not ${isAliveSql('$4')}`,
  queued: `state = 'queued'`,
  unknown: `outcome = 'unknown'`,
};

/** The condition of these ends. It contains only the guards that occur, because each lookup in another table adds planning time. */
function holdsFor(ends: readonly GenerationEnd[]): string {
  const guards = [...new Set(ends.map(({ guard }) => guard))];
  const [only] = guards;
  const holds =
    guards.length === 1 && only !== undefined
      ? GUARDS[only]
      : `case given.guard ${guards.map((guard) => `when '${guard}' then ${GUARDS[guard]}`).join(' ')} end`;
  return ends.some(({ projectId }) => projectId !== undefined)
    ? `${holds} and (given.project_id is null or generation.project_id = given.project_id)`
    : holds;
}

/**
 * The cost of a generation: zero if it was not billed, the price of its images if it succeeded, otherwise everything that was reserved.
 * Counts the images that are already recorded and those recorded with the end.
 */
const COST = `case
    when reserved is null then null
    when outcome = 'not_billed' then 0
    when state = 'succeeded' then reserved / (request ->> 'n')::integer * (
      select count(*) from (
        select index from generation_image where generation_id = after.id and role = 'output'
        union select index from new_image where new_image.generation_id = after.id and role = 'output') as image)
    else reserved
  end`;

/**
 * The update, and the row values that the rest of the statement needs. The rows are read first only if something may have been reserved:
 * the cost needs the images, and the settlement needs the amount settled before.
 */
function endSql(holds: string, isPriced: boolean): string {
  const source = isPriced ? 'before' : 'given';
  return `${isPriced ? `${beforeSql(holds)}, ` : ''}ended as (
    update generation
    set (${END_COLUMNS}, cost) = (
      select ${END_COLUMNS}, ${isPriced ? COST : 'cost'} from jsonb_populate_record(generation, ${source}.changes) as after),
      ${CUT_REQUEST}, ${KEEP_REPLACED}
    from ${source}
    where generation.id = any($2::uuid[]) and generation.id = ${source}.id ${isPriced ? '' : `and ${holds}`}
    returning ${SUBJECT}, state, outcome, deleted_at, replaced, ${endFiguresSql('generation')} as figures
      ${isPriced ? ', spend_period_start, reserved, cost, settled' : ''}
  )`;
}

function beforeSql(holds: string): string {
  return `new_image as materialized (
    select generation_id, role, index from jsonb_populate_recordset(null::generation_image, $3)
  ), before as materialized (
    select generation.id, generation.cost as settled, given.changes
    from generation join given using (id)
    where generation.id = any($2::uuid[]) and ${holds}
    order by generation.id for update of generation
  )`;
}

/**
 * The only place where a generation ends, however it ends, and where its outcome is resolved: one statement updates the rows, records the
 * images received, notes what happened in the outbox, releases the idempotency keys of generations that were not billed (the client may
 * retry, even with a corrected request), and settles the reservations. Rows are locked in the order of their ids, then keys, then spends,
 * as in the statements that insert a generation.
 *
 * The ids are distinct, because a statement updates a row once. `leaseMs` is for the guard `orphaned`.
 *
 * Returns the ids of the ends that count. If the confirmation of a commit was lost, the same end may be passed again: an end that is
 * already recorded counts.
 */
export async function endGenerations(
  manager: EntityManager,
  unordered: readonly GenerationEnd[],
  leaseMs = 0,
): Promise<ReadonlySet<string>> {
  if (unordered.length === 0) return new Set();
  // An update of several rows locks them as it meets them.
  const ends = unordered.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const images = jsonRowsOf(
    manager,
    GenerationImageEntity,
    ends.flatMap(({ id, images: came = [] }) => imageRowsOf(id, came)),
  );
  const isPriced = ends.some((end) => end.isPriced);
  const revised = revisedRowsOf(ends);
  const holds = holdsFor(ends);
  const ended = await manager.query<{ id: string }[]>(
    `with given as materialized (
       select * from jsonb_to_recordset($1) as row (id uuid, guard text, changes jsonb, worker_id uuid, project_id uuid)
     ), ${endSql(holds, isPriced)}, recorded as (
       insert into generation_image (${images.columns})
       select ${images.columns} from jsonb_populate_recordset(null::generation_image, $3)
       where generation_id in (select id from ended)
       on conflict do nothing
       returning generation_id, role, sha256, bytes
     ), ${NOTED}, freed as (
       delete from idempotency_key using ended where generation_id = ended.id and ended.outcome = 'not_billed'
       returning generation_id
     )${isPriced ? `, ${settleSpendSql('ended', 'freed')}` : ''}${revised.length > 0 ? `, ${addRevisedSql('$5', 'ended')}` : ''}
     select id from ended where $4::int is not null`,
    [
      jsonText(ends.map((end) => givenOf(manager, end))),
      ends.map(({ id }) => id),
      images.json,
      leaseMs,
      ...(revised.length > 0 ? [jsonText(revised)] : []),
    ],
  );
  const counting = new Set(ended.map(({ id }) => id));
  await addRepeated(manager, ends, counting);
  return counting;
}

function givenOf(manager: EntityManager, { id, guard, changes, workerId, projectId }: GenerationEnd): object {
  return {
    id,
    guard,
    changes: changesOf(manager, GenerationEntity, changes),
    worker_id: workerId ?? null,
    project_id: projectId ?? null,
  };
}

function revisedRowsOf(ends: readonly GenerationEnd[]): readonly RevisedRow[] {
  return ends.flatMap(({ id, images = [] }) => revisedRowOf(id, images) ?? []);
}

/** Adds the ends that are already recorded unchanged: their commit succeeded, and only its confirmation was lost. */
async function addRepeated(
  manager: EntityManager,
  ends: readonly GenerationEnd[],
  counting: Set<string>,
): Promise<void> {
  const others = ends.filter(({ id, guard }) => !counting.has(id) && (guard === 'open' || guard === 'unsent'));
  if (others.length === 0) return;
  const found = await manager.findBy(GenerationEntity, { id: In(others.map(({ id }) => id)) });
  for (const { id, changes } of others) {
    const isThere = found.some((generation) => generation.id === id && hasEnd(generation, changes));
    if (isThere) counting.add(id);
  }
}

function hasEnd({ finishedAt, state }: GenerationEntity, changes: GenerationEnd['changes']): boolean {
  return finishedAt !== null && finishedAt.getTime() === changes.finishedAt?.getTime() && state === changes.state;
}
