/** Prompts that are remembered; the oldest are forgotten first. */
const MAX_PROMPTS = 10_000;

/** Counts how often a prompt has played its fault, for `times`. */
export class FaultCounter {
  readonly #played = new Map<string, number>();

  /** Whether the fault is still due for this prompt; counts the play. */
  play(prompt: string, times: number | null): boolean {
    if (times === null) return true;
    const played = this.#played.get(prompt) ?? 0;
    if (played >= times) return false;
    this.#played.set(prompt, played + 1);
    if (this.#played.size > MAX_PROMPTS) this.#played.delete(this.#played.keys().next().value ?? '');
    return true;
  }
}
