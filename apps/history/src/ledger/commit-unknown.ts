/** The connection broke while the row of a generation was being committed, so it may or may not have been recorded. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError';
  /** The id of the generation. */
  readonly id: string;

  constructor(id: string, options: ErrorOptions) {
    super('It is unknown whether the generation was recorded', options);
    this.id = id;
  }
}
