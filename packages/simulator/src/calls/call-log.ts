/** A received `POST /v1/images/generations`. */
export interface Call {
  readonly id: number;
  /** RFC 3339. */
  readonly received_at: string;
  readonly request_id: string;
  readonly idempotency_key: string | null;
  /** The JSON body with shortened data URIs; null if it was not JSON. */
  readonly body: unknown;
  /** HTTP status of the response; null before it is sent, and for a connection that was closed without one. */
  readonly status: number | null;
  /**
   * Number of billed images. Work is billed even if its response is lost: a closed connection, an empty body, a 5xx.
   */
  readonly billed: number;
  /** Delay of the response, in milliseconds. */
  readonly delay_ms: number;
}

export interface CallTotals {
  readonly calls: number;
  readonly billed_generations: number;
  readonly billed_images: number;
}

/** Maximum number of calls in the log. The totals count all of them. */
const MAX_CALLS = 1000;

export class CallLog {
  #calls: Call[] = [];
  #totals: CallTotals = { calls: 0, billed_generations: 0, billed_images: 0 };
  #nextId = 1;

  /** Records a call when it arrives. The returned function records its result. */
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

/** Shortens the data URIs of a body. */
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
