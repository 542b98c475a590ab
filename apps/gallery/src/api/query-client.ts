import { isWanImageError } from '@wan-image/core';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { signedOut } from './signed-out.ts';

/** What was read stays fresh for this long: going back and forth reads nothing again. */
const FRESH_MS = 30_000;

/** The cache of what the page has read. The client repeats what may be repeated, so the cache does not. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (isWanImageError(error) && error.status === 401) signedOut.report();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: false, staleTime: FRESH_MS, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
