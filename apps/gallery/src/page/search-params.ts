/** Search parameters as the API writes them: a repeated one is a list. */
export type SearchParams = Readonly<Record<string, string | readonly string[]>>;

/** Reads the query of a URL. */
export function parseSearchParams(text: string): SearchParams {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]));
}

/** Writes the query of a URL: lists are repeated, an object is one `name[key]` for each pair, what is undefined is absent. */
export function stringifySearchParams(search: Readonly<Record<string, unknown>>): string {
  const text = new URLSearchParams(Object.entries(search).flatMap(([name, value]) => pairsOf(name, value))).toString();
  return text === '' ? '' : `?${text}`;
}

function pairsOf(name: string, value: unknown): string[][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => pairsOf(name, one));
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, one]) => pairsOf(`${name}[${key}]`, one));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? [[name, `${value}`]]
    : [];
}

/** The one text of a parameter; undefined without one. */
export function oneOf(value: unknown): string | undefined {
  const [first] = [value].flat();
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** All texts of a parameter; undefined without any. */
export function allOf(value: unknown): readonly string[] | undefined {
  const all = [value].flat().filter((one): one is string => typeof one === 'string' && one !== '');
  return all.length === 0 ? undefined : all;
}
