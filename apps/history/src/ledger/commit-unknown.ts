/** The database was told to commit a generation, and did not say that it has. */
export class CommitUnknown extends Error {
  /** Of the generation. */
  readonly id: string;

  constructor(id: string, options: ErrorOptions) {
    super('Nobody knows whether the generation was recorded', options);
    this.id = id;
  }
}
