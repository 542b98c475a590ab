import type { NewImage } from '../../ledger/generation-image.entity.ts';
import type { Adapted } from '../../generations/generations.service.ts';

/** A request that is accepted, its input images on disk and not yet in the store. */
export interface Intake {
  readonly accepted: Adapted;
  /** The input images, as they are to be recorded. */
  readonly inputs: readonly NewImage[];
  /** The same for two requests that ask for the same, in whichever form. */
  readonly fingerprint: string;
  /** Puts the input images into the store; before that nobody can read them. */
  commit(): Promise<void>;
  /** Lets go of what is not in the store by now. */
  discard(): Promise<void>;
}
