import { AdaptiveSize, type SizeLimits } from './adaptive-size.ts';

const SEARCH: SizeLimits = { first: 100, min: 50, max: 1_000 };
const DELETION: SizeLimits = { first: 100, min: 10, max: 1_000 };

/**
 * Generations that are looked at together, and that are deleted together. One number for both would be a transaction of a thousand after a day
 * in which there was nothing to delete: to look is fast.
 */
export class RetentionSizes {
  readonly search: AdaptiveSize;
  readonly deletion: AdaptiveSize;

  constructor(search = SEARCH, deletion = DELETION) {
    this.search = new AdaptiveSize(search);
    this.deletion = new AdaptiveSize(deletion);
  }
}
