import { ApiError } from '../../domain/api-error.ts';
import type { Origin } from '../../generations/generations.repository.ts';

/**
 * A refusal because of what the history keeps at this moment: an image or a generation that was deleted, or a file that is lost. The same
 * request may have been accepted, and billed, before that.
 */
export class ChangedSince extends ApiError {
  /** What the request is made from: what it generated before has come from the same. */
  readonly origin: Origin;

  constructor({ message, ...facts }: ApiError, origin: Origin) {
    super(message, facts);
    this.origin = origin;
  }
}
