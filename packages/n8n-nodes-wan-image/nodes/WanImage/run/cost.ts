import type { Connection } from '../host/connect.ts';

const LIMITS = { timeoutMs: 10_000, retry: { maxRetries: 0 } };

/** What a history service knows. The amount is a decimal number as text. */
export interface Cost {
  readonly amount: string;
  readonly currency: string;
}

/** The cost of a generation, from its record. Null elsewhere, and in doubt: the images are there, and must not be lost for a price. */
export async function costOf(
  { library, isHistory }: Connection,
  generationId: string | null,
  abort: { readonly signal?: AbortSignal },
): Promise<Cost | null> {
  if (generationId === null || !isHistory()) return null;
  const record = await library.get(generationId, { ...LIMITS, ...abort }).catch(() => null);
  return record?.cost ?? null;
}
