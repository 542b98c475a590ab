/** Maximum number of counted prompts. The oldest are removed first. */
const MAX_PROMPTS = 10_000;

/** Counts how often each prompt has got its fault, for `times`. */
export class FaultCounter {
  readonly #played = new Map<string, number>();

  /** Whether this request gets the fault. If so, it is counted. */
  play(prompt: string, times: number | null): boolean {
    if (times === null) return true;
    const played = this.#played.get(prompt) ?? 0;
    if (played >= times) return false;
    this.#played.set(prompt, played + 1);
    if (this.#played.size > MAX_PROMPTS) this.#played.delete(this.#played.keys().next().value ?? '');
    return true;
  }
}
