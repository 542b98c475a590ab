/** How long an SDK may take to send again, its own pauses included. */
const REMEMBERED_MS = 10 * 60_000;

/** Generations whose callers had gone before their answer was whole, by what they had asked for; the last of each. */
export class OrphanedResponses {
  readonly #byPlace = new Map<string, { readonly id: string; readonly until: number }>();

  add(place: string, id: string): void {
    const now = performance.now();
    // In the order in which they came, so the oldest are first.
    for (const [old, { until }] of this.#byPlace) {
      if (until > now) break;
      this.#byPlace.delete(old);
    }
    this.#byPlace.delete(place);
    this.#byPlace.set(place, { id, until: now + REMEMBERED_MS });
  }

  /** Another waits for it, and will have it. */
  forget(place: string): void {
    this.#byPlace.delete(place);
  }

  /** Once: whoever takes it is answered with it, or goes in its turn. Null where there is none. */
  take(place: string): string | null {
    const found = this.#byPlace.get(place);
    this.#byPlace.delete(place);
    return found !== undefined && found.until > performance.now() ? found.id : null;
  }
}
