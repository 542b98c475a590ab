import { ApiError } from '../../domain/api-error.ts';

/**
 * A refusal because of what the history keeps at this moment: an image or a generation that was deleted, or a file that is lost. The same
 * request may have been accepted, and billed, before that.
 */
export class ChangedSince extends ApiError {
  constructor({ message, ...facts }: ApiError) {
    super(message, facts);
  }
}
