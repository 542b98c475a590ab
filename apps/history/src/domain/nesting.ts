/**
 * Maximum nesting depth of arrays and objects: far more than any parameter needs, and far less than overflows the stack of Node or of the
 * database. It also bounds the recursion in this file.
 */
export const MAX_NESTING = 100;

/** Whether arrays and objects are nested deeper than this many levels; `[]` is one level. */
export function isNestedDeeper(value: unknown, levels: number = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

/** Replaces everything in a JSON value that is nested deeper than this many levels by null. */
export function cutAt<T>(value: T, levels: number = MAX_NESTING): T {
  // Each branch preserves the type, except where it cuts: there, the values are of unknown type.
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => cutAt(inner, levels - 1)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cutAt(inner as unknown, levels - 1)]),
  ) as T;
}
