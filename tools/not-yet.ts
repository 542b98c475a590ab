/** Rules that the tree breaks for now, each with the reason. */
export const NOT_YET: ReadonlyMap<string, string> = new Map([]);

/**
 * What the test of a rule fails with: its violations. Those of a rule in {@link NOT_YET} pass, but such a rule fails once it has none, so
 * that its entry is removed.
 */
export function failuresOf(rule: string, violations: readonly string[]): readonly string[] {
  if (!NOT_YET.has(rule)) return violations;
  return violations.length > 0 ? [] : [`The tree keeps this rule: remove "${rule}" from tools/not-yet.ts`];
}
