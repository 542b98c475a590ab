/** One `POST /v1/images/generations` that arrived. */
export interface Call {
  readonly id: number;
  /** RFC 3339. */
  readonly received_at: string;
  readonly request_id: string;
  readonly idempotency_key: string | null;
  /** The JSON that arrived; data URIs are shortened. Null where it was none. */
  readonly body: unknown;
  /** HTTP status of the answer; null while there is none, and for a connection that was cut before one. */
  readonly status: number | null;
  /**
   * Images that the account pays for. Work that was done counts although its answer was lost:
   * a cut connection, an empty body, a 5xx.
   */
  readonly billed: number;
  /** How long the answer was held back, in milliseconds. */
  readonly delay_ms: number;
}

export interface CallTotals {
  readonly calls: number;
  readonly billed_generations: number;
  readonly billed_images: number;
}

/** Calls that are kept in full; the totals count all. */
const MAX_CALLS = 1000;

export class CallLog {
  #calls: Call[] = [];
  #totals: CallTotals = { calls: 0, billed_generations: 0, billed_images: 0 };
  #nextId = 1;

  /** Notes a call as it arrives; the returned function notes what became of it. */
  arrived(
    call: Omit<Call, 'id' | 'status' | 'billed' | 'delay_ms'>,
  ): (end: Partial<Pick<Call, 'status' | 'billed' | 'delay_ms'>>) => void {
    const id = this.#nextId++;
    this.#totals = { ...this.#totals, calls: this.#totals.calls + 1 };
    this.#calls = [...this.#calls.slice(1 - MAX_CALLS), { ...call, id, status: null, billed: 0, delay_ms: 0 }];
    return (end) => this.#update(id, end);
  }

  /** Oldest first. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  get totals(): CallTotals {
    return this.#totals;
  }

  clear(): void {
    this.#calls = [];
    this.#totals = { calls: 0, billed_generations: 0, billed_images: 0 };
  }

  #update(id: number, end: Partial<Pick<Call, 'status' | 'billed' | 'delay_ms'>>): void {
    const billed = end.billed ?? 0;
    this.#totals = {
      ...this.#totals,
      billed_generations: this.#totals.billed_generations + (billed > 0 ? 1 : 0),
      billed_images: this.#totals.billed_images + billed,
    };
    this.#calls = this.#calls.map((call) => (call.id === id ? { ...call, ...end } : call));
  }
}

/** A body without the bytes of its images. */
export function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.startsWith('data:')
      ? `${value.slice(0, value.indexOf(',') + 1)}… (${value.length} characters)`
      : value;
  }
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]));
}
