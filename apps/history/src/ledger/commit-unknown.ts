/** The connection broke during the commit of a generation's row, so it may or may not have been recorded. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError';
  /** Of the generation. */
  readonly id: string;

  constructor(id: string, options: ErrorOptions) {
    super('It is unknown whether the generation was recorded', options);
    this.id = id;
  }
}
