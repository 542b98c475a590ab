/**
 * Replaces what PostgreSQL cannot store: text and jsonb reject U+0000 and lone surrogates, which the contract allows in a prompt. They
 * become U+FFFD, so that such a prompt is recorded instead of failing after it was paid for.
 */
export function storable<T>(value: T): T {
  // Each branch returns the type of its input.
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\uFFFD') as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner as unknown)]),
  ) as T;
}
