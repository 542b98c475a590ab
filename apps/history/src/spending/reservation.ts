/** A reservation that would go beyond the limit of its key. Thrown inside a transaction, which it undoes. */
export class SpendLimitReached extends Error {
  override readonly name = 'SpendLimitReached';
}

/** What is set aside before anything is sent. */
export interface Reservation {
  readonly apiKeyId: string;
  readonly periodStart: Date;
  /** In millionths of the currency, as the limit. */
  readonly amount: number;
  readonly limit: number;
}
