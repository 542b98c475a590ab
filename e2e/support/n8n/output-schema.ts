import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Schema {
  readonly type: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const NODES = join(import.meta.dirname, '../../../packages/n8n-nodes-wan-image/nodes');

/** The schema by which the editor knows the fields of an output before anything has run. `path` is below the folder of the nodes. */
export async function outputSchema(path: string): Promise<Schema> {
  return JSON.parse(await readFile(join(NODES, path), 'utf8')) as Schema;
}

/**
 * Where outputs and their schema differ: fields that the schema lacks, fields that an output lacks, and types. Null fits every type, so one of the
 * outputs must have another value for each field, and an item for each list: otherwise nothing would show that the type is right. `optional` are
 * fields that one of the outputs must have, and not each.
 */
export function misfits(
  schema: Schema,
  outputs: readonly unknown[],
  { optional = [] }: { readonly optional?: readonly string[] } = {},
): readonly string[] {
  return misfitsAt('output', schema, outputs, new Set(optional.map((name) => `output.${name}`)));
}

function misfitsAt(
  path: string,
  { type, properties = {}, items }: Schema,
  values: readonly unknown[],
  optional: ReadonlySet<string>,
): readonly string[] {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [`${path} is null in every output`];
  const others = known.filter((value) => !fits(type, value)).map(typeOf);
  if (others.length > 0) return [`${path} is ${[...new Set(others)].join(' or ')}, not ${type}`];
  if (type === 'array') {
    const all = known.flatMap((value) => value as readonly unknown[]);
    if (items === undefined) return [`${path} has no type of its items in the schema`];
    return all.length === 0 ? [`${path} is empty in every output`] : misfitsAt(`${path}[]`, items, all, optional);
  }
  if (type !== 'object') return [];
  const objects = known.map((value) => value as Readonly<Record<string, unknown>>);
  const names = new Set([...Object.keys(properties), ...objects.flatMap((one) => Object.keys(one))]);
  return [...names].flatMap((name) => {
    const field = `${path}.${name}`;
    const property = properties[name];
    if (property === undefined) return [`${field} is not in the schema`];
    const having = objects.filter((one) => name in one);
    if (having.length === 0) return [`${field} is in no output`];
    if (having.length < objects.length && !optional.has(field)) return [`${field} is not in every output`];
    const fieldValues = having.map((one) => one[name]);
    return misfitsAt(field, property, fieldValues, optional);
  });
}

function fits(type: string, value: unknown): boolean {
  const actual = typeOf(value);
  return actual === type || (type === 'number' && actual === 'integer');
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
