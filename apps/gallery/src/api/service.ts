import type { ApiKeyScope, ServiceInfo } from '@wan-image/core';
import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { reader } from './reader.ts';
import { signedOut } from './signed-out.ts';

const SERVICE_KEY = ['service'] as const;

/** Reads what the service is. */
export const serviceQuery = queryOptions({
  queryKey: SERVICE_KEY,
  queryFn: async ({ signal }): Promise<ServiceInfo> => {
    const info = await reader.service({ signal });
    signedOut.clear();
    return info;
  },
  staleTime: 5 * 60_000,
});

/** What the service is, and what this browser may do there. */
export function useService(): UseQueryResult<ServiceInfo> {
  return useQuery(serviceQuery);
}

/** Whether this browser may do what needs a scope. False until that is known. */
export function useMay(scope: ApiKeyScope): boolean {
  return useService().data?.scopes.includes(scope) ?? false;
}
