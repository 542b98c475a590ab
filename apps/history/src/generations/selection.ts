import { readTime, type GenerationFilter, type ListOrder } from '@wan-image/core';
import { firstIdOf } from '../database/partitions.ts';
import { lookupTerm } from '../domain/lookup-term.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';
import type { SqlParameters } from '../database/sql-parameters.ts';
import { nextId } from '../domain/uuid.ts';

/**
 * The only place where a scope and a filter become SQL. A statement reads the rows that a selection names and no others:
 *
 *     select … from ${from} where ${where}
 *
 * The table is always `generation`. A part of the filter that few generations of a project satisfy has a table of its own: a list reads ids
 * from there first ({@link candidatesSql}), and then those of their generations that satisfy the filter.
 */
export interface Selection {
  readonly from: string;
  readonly where: string;
  /** The column whose order is that of what is read: `generation.id`, or the same of a subquery. */
  readonly id: string;
}

/** Ids between which a statement reads: `before` is exclusive, `from` inclusive. */
export interface IdRange {
  readonly from: string | null;
  readonly before: string | null;
}

export const ALL_IDS: IdRange = { from: null, before: null };

/** The condition of a scope on `generation`, with the values of its named parameters: of reads by id, in the bin or not. */
export function inScope({ projectId }: ReadScope): {
  readonly sql: string;
  readonly parameters: Record<string, unknown>;
} {
  return projectId === ALL_PROJECTS
    ? { sql: 'true', parameters: {} }
    : { sql: 'generation.project_id = :projectId', parameters: { projectId } };
}

/** The filter without its words: a search compares texts itself. */
export type Conditions = Omit<GenerationFilter, 'q'>;

export interface SelectionInput {
  readonly scope: ReadScope;
  readonly filter: Conditions;
  readonly range?: IdRange;
  /** Default `desc`. */
  readonly order?: ListOrder;
  /** Whether it is a list of images, whose own state the parts `deleted`, `favorite` and `image_sha256` are about. */
  readonly ofImages?: boolean;
}

export function selectionOf(input: SelectionInput, parameters: SqlParameters): Selection {
  const range = rangeOf(input.filter, input.range);
  const source = sourceOf(input, range, parameters);
  // Also beside a source, which has the same bounds: each further month would be planned.
  const conditions = conditionsOf(input, range, parameters);
  const image = input.ofImages === true ? `\n${imagesOf(input.filter, range, parameters)}` : '';
  if (source === null)
    return { from: `generation${image}`, where: conditions.join('\n  and ') || 'true', id: 'generation.id' };
  return { from: `(${source}) as chosen\n${generationsOf(conditions)}${image}`, where: 'true', id: 'chosen.id' };
}

/**
 * The generations of the chosen ids, one after the other. `offset 0`: the planner must not read all generations to join them, because it
 * does not know that the page is full after a few.
 */
function generationsOf(conditions: readonly string[]): string {
  const where = ['generation.id = chosen.id', ...conditions].join('\n  and ');
  return `cross join lateral (select * from generation where ${where} offset 0) as generation`;
}

/** The images of each generation. */
function imagesOf(filter: Conditions, range: IdRange, parameters: SqlParameters): string {
  const where = [
    'image.generation_id = generation.id',
    ...rangeConditions('image.generation_id', range, parameters),
    ...imageConditionsOf(filter, parameters),
  ].join('\n  and ');
  return `cross join lateral (select * from generation_image as image where ${where} offset 0) as image`;
}

/**
 * Times are bounds of ids: the id of a generation begins with the time at which it was created. Ids are within their own bounds, so that no
 * other months are planned.
 */
export function rangeOf(
  { created_after, created_before, id }: Conditions,
  { from, before }: IdRange = ALL_IDS,
): IdRange {
  const ids = (id ?? []).map((one) => one.toLowerCase()).toSorted();
  const [first = null, last] = [ids[0], ids.at(-1)];
  return {
    from: latest(latest(from, timeBound(created_after)), first),
    before: earliest(earliest(before, timeBound(created_before)), last === undefined ? null : nextId(last)),
  };
}

function timeBound(text: string | undefined): string | null {
  const time = text === undefined ? null : readTime(text);
  // The contract has checked that it is a time.
  return time === null ? null : firstIdOf(new Date(time));
}

function latest(one: string | null, other: string | null): string | null {
  return one === null || (other !== null && other > one) ? other : one;
}

function earliest(one: string | null, other: string | null): string | null {
  return one === null || (other !== null && other < one) ? other : one;
}

function rangeConditions(column: string, { from, before }: IdRange, parameters: SqlParameters): string[] {
  return [
    ...(before === null ? [] : [`${column} < ${parameters.add(before, 'uuid')}`]),
    ...(from === null ? [] : [`${column} >= ${parameters.add(from, 'uuid')}`]),
  ];
}

/** Ids in the order of the list, whose generations are read one after the other; null if the generations themselves are read in order. */
function sourceOf(
  { scope, filter: { id, deleted }, order = 'desc', ofImages = false }: SelectionInput,
  range: IdRange,
  parameters: SqlParameters,
): string | null {
  const within = (column: string): string => andAll(rangeConditions(column, range, parameters));
  if (id !== undefined)
    return `select id from unnest(${parameters.add([...new Set(id)], 'uuid[]')}) as id where true${within('id')} order by id ${order}`;
  if (deleted === true && ofImages)
    return `select id from generation where deleted_at is not null${andAll(ofProject(scope, parameters))}${within('id')}
      union select generation_id from generation_image where deleted_at is not null and state <> 'deleted'${within('generation_id')} order by id ${order}`;
  return null;
}

/** Of a list in its order: what `range` leaves of it. */
export type CandidatesInput = Required<Pick<SelectionInput, 'scope' | 'filter' | 'range' | 'order'>>;

/**
 * Reads so many ids of the rarest part of a filter, in the order of the list, from the table of that part; null if it has none. What the
 * filter selects is among them. What is distinct has the order of the list, which the planner would not ask for.
 */
export function candidatesSql(
  { scope, filter, range, order }: CandidatesInput,
  limit: number,
  parameters: SqlParameters,
): string | null {
  const { derived_from, image_sha256, user, metadata, seed, tag, favorite } = filter;
  const ids = (column: string, table: string, conditions: readonly string[]): string => {
    const bounds = rangeConditions(column, rangeOf(filter, range), parameters);
    return `${column} as id from ${table}\nwhere ${[...conditions, ...bounds].join(' and ') || 'true'}\norder by id ${order} limit ${limit}`;
  };
  if (derived_from !== undefined)
    return `select distinct ${ids('child_id', 'derivation', [`parent_id = ${parameters.add(derived_from, 'uuid')}`])}`;
  if (image_sha256 !== undefined)
    return `select distinct ${ids('generation_id', 'generation_image', [`sha256 = ${parameters.add(image_sha256, 'text')}`])}`;
  const project = ofProject(scope, parameters);
  const term = firstTerm({ user, metadata, seed });
  if (term !== null)
    return `select ${ids('generation_id', 'generation_term', [`term = ${parameters.add(term, 'uuid')}`, ...project])}`;
  const [first, ...others] = (tag ?? []).map((one) => [`tag = ${parameters.add(one, 'text')}`].concat(project));
  if (first !== undefined) {
    // Each of them may be frequent, while all together are rare.
    const rest = others.map(
      (one) => `generation_id in (select generation_id from generation_tag where ${one.join(' and ')})`,
    );
    return `select ${ids('generation_id', 'generation_tag', [...first, ...rest])}`;
  }
  return favorite === true ? `select distinct ${ids('generation_id', 'favorite_image', project)}` : null;
}

function ofProject({ projectId }: ReadScope, parameters: SqlParameters): string[] {
  return projectId === ALL_PROJECTS ? [] : [`project_id = ${parameters.add(projectId, 'uuid')}`];
}

const andAll = (conditions: readonly string[]): string => conditions.map((condition) => ` and ${condition}`).join('');

function firstTerm({ user, metadata, seed }: Pick<Conditions, 'user' | 'metadata' | 'seed'>): string | null {
  if (user !== undefined) return lookupTerm('user', user);
  const [pair] = Object.entries(metadata ?? {});
  if (pair !== undefined) return lookupTerm('metadata', ...pair);
  return seed === undefined ? null : lookupTerm('seed', String(seed));
}

function conditionsOf(
  { scope, filter, ofImages = false }: SelectionInput,
  range: IdRange,
  parameters: SqlParameters,
): string[] {
  const conditions = [
    ...ofProject(scope, parameters).map((condition) => `generation.${condition}`),
    ...rangeConditions('generation.id', range, parameters),
  ];
  const has = <T>(value: T | undefined, condition: (value: T) => string): void => {
    if (value !== undefined) conditions.push(condition(value));
  };
  // `offset 0`: looked up for each generation, instead of joined with the whole table.
  const exists = (table: string, condition: string): string =>
    `exists (select from ${table} where ${condition} offset 0)`;
  // Literals: an index over one state is used only by a condition that names it.
  has(filter.state, (states) => `generation.state ${oneOf(states)}`);
  has(filter.outcome, (outcomes) => `generation.outcome ${oneOf(outcomes)}`);
  has(filter.model, (models) => `generation.model = any(${parameters.add(models, 'text[]')})`);
  has(filter.size, (sizes) => `generation.request ->> 'size' = any(${parameters.add(sizes, 'text[]')})`);
  has(filter.source, (sources) => `generation.source = any(${parameters.add(sources, 'text[]')})`);
  has(filter.api_key, (keys) => `generation.api_key_id = any(${parameters.add(keys, 'uuid[]')})`);
  has(filter.simulated, (simulated) => (simulated ? 'generation.simulated' : 'not generation.simulated'));
  has(filter.user, (user) => `generation.client_user = ${parameters.add(user, 'text')}`);
  has(filter.metadata, (pairs) => `generation.metadata @> ${parameters.add(JSON.stringify(pairs), 'jsonb')}`);
  has(filter.seed, (seed) => `generation.request ->> 'seed' = ${parameters.add(String(seed), 'text')}`);
  for (const tag of filter.tag ?? [])
    conditions.push(exists('generation_tag', `generation_id = generation.id and tag = ${parameters.add(tag, 'text')}`));
  has(
    filter.has_input_image,
    (expected) =>
      `${expected ? '' : 'not '}${exists('generation_image', `generation_id = generation.id${imagesWithin(range, parameters)} and role = 'input'`)}`,
  );
  has(filter.derived_from, (parent) =>
    exists('derivation', `child_id = generation.id and parent_id = ${parameters.add(parent, 'uuid')}`),
  );
  if (!ofImages) conditions.push(...wholeConditionsOf(filter, range, parameters));
  return conditions;
}

/** The bounds of the generations, for the images of each. */
function imagesWithin(range: IdRange, parameters: SqlParameters): string {
  return andAll(rangeConditions('generation_image.generation_id', range, parameters));
}

/** The parts that mean the generation in a list of generations. */
function wholeConditionsOf(
  { deleted, favorite, image_sha256 }: Conditions,
  range: IdRange,
  parameters: SqlParameters,
): string[] {
  return [
    `generation.deleted_at is ${deleted === true ? 'not null' : 'null'}`,
    // A favorite that is in the bin alone does not make its generation one.
    ...(favorite === true
      ? [
          `exists (select from favorite_image join generation_image using (generation_id, index)
    where generation_id = generation.id${imagesWithin(range, parameters)} and role = 'output' and deleted_at is null offset 0)`,
        ]
      : []),
    ...(image_sha256 === undefined
      ? []
      : [
          `exists (select from generation_image
    where generation_id = generation.id${imagesWithin(range, parameters)} and deleted_at is null and sha256 = ${parameters.add(image_sha256, 'text')} offset 0)`,
        ]),
  ];
}

/** The parts that mean the image, `image`, in a list of images. */
function imageConditionsOf({ deleted, favorite, image_sha256 }: Conditions, parameters: SqlParameters): string[] {
  return [
    `image.role = 'output'`,
    `image.state <> 'deleted'`,
    deleted === true
      ? '(generation.deleted_at is not null or image.deleted_at is not null)'
      : 'generation.deleted_at is null and image.deleted_at is null',
    ...(favorite === true
      ? [
          `exists (select from favorite_image
    where generation_id = image.generation_id and favorite_image.index = image.index offset 0)`,
        ]
      : []),
    ...(image_sha256 === undefined ? [] : [`image.sha256 = ${parameters.add(image_sha256, 'text')}`]),
  ];
}

/** A condition of values that the contract has checked. */
function oneOf(values: readonly string[]): string {
  const literals = [...new Set(values)].map((value) => `'${value}'`);
  return literals.length === 1 ? `= ${literals[0]}` : `in (${literals.join(', ')})`;
}
