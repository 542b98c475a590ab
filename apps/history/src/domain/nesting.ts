/**
 * How many lists and objects may stand one within the other: far more than any parameter needs, far fewer than a stack takes, ours or the
 * database's. The recursion here ends there too.
 */
export const MAX_NESTING = 100;

/** Whether lists and objects stand one within the other deeper than so many levels; `[]` is one level. */
export function isNestedDeeper(value: unknown, levels: number = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

/** JSON with null in place of what lies deeper than so many levels. */
export function cutAt<T>(value: T, levels: number = MAX_NESTING): T {
  // Each branch gives back the type it took, but where it cuts: that is in what nobody here knows.
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => cutAt(inner, levels - 1)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cutAt(inner as unknown, levels - 1)]),
  ) as T;
}
