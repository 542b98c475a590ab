/**
 * A value as PostgreSQL can keep it: text and jsonb refuse U+0000 and lone surrogates, which the contract allows in a prompt.
 * They become U+FFFD, so that an odd prompt is recorded instead of failing after it was paid for.
 */
export function storable<T>(value: T): T {
  // Each branch gives back the type it took.
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\uFFFD') as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner as unknown)]),
  ) as T;
}
