/** Removes keys whose value is undefined: spread over defaults, they would hide them. */
export function definedOnly<T extends object>(options: T | undefined): Partial<T> {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
