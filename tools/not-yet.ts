/** Rules that the tree breaks for now, each with the reason. */
export const NOT_YET: ReadonlyMap<string, string> = new Map([
  ['no cycles between the folders of apps/history/src', 'the feature modules of history are being untied'],
  [
    'no cycles between the folders of packages/n8n-nodes-wan-image/nodes',
    'fields, image and images of the node are being untied',
  ],
  ['the layers of apps/history/src', 'the features of history get their modules'],
  ['the owners of the tables', 'ledger, dispatch and links are being made'],
  ['one place: sets a final state', 'the ledger gets one end'],
  ['one place: frees an idempotency key because of an outcome', 'the ledger gets one end'],
  ['one place: resolves an unknown outcome', 'the ledger gets every transition of generations'],
  ['one place: marks an image lost', 'the ledger gets every transition of images'],
]);

/**
 * What the test of a rule fails with: its violations. Those of a rule in {@link NOT_YET} pass, but such a rule fails once it has none, so
 * that its entry is removed.
 */
export function failuresOf(rule: string, violations: readonly string[]): readonly string[] {
  if (!NOT_YET.has(rule)) return violations;
  return violations.length > 0 ? [] : [`The tree keeps this rule: remove "${rule}" from tools/not-yet.ts`];
}
