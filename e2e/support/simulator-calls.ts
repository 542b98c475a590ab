/** What arrived at a simulator; data URIs in the bodies are shortened. */
export interface SimulatorCalls {
  /** Oldest first. */
  readonly data: readonly { readonly body: Readonly<Record<string, unknown>> | null }[];
  readonly totals: { readonly calls: number };
}

export async function simulatorCalls(simulatorUrl: string): Promise<SimulatorCalls> {
  const response = await fetch(`${simulatorUrl}/simulator/calls`);
  return (await response.json()) as SimulatorCalls;
}
