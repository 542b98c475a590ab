/** Settings of a run of the node, which are the same for all its items. */
export interface RunSettings {
  /** How many generations to process at once. */
  readonly concurrency: number;
  /** The most images that the node may request in an execution, in all of its runs; null without a limit. */
  readonly maximumTotal: number | null;
}
