import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { useMay, useService } from '../api/service.ts';

/** How long a model took in the last 30 days, in milliseconds. */
export interface UsualTime {
  /** Half of its generations were faster. */
  readonly typical: number;
  /** One in twenty was slower. */
  readonly long: number;
}

/** The usual time of each model; a model without successful generations has none. */
export function useUsualTimes(): ReadonlyMap<string, UsualTime> {
  const mayRead = useMay('read');
  const isSimulated = useService().data?.simulated ?? false;
  const { data } = useQuery({
    queryKey: ['create', 'usual-times', isSimulated],
    // What the simulator made says nothing of the upstream.
    queryFn: ({ signal }) => client.stats({ group_by: ['model'], simulated: isSimulated, signal }),
    enabled: mayRead,
    staleTime: 5 * 60_000,
  });
  return new Map(
    (data?.data ?? []).flatMap(({ model, latency }) =>
      model === undefined || latency === null ? [] : [[model, { typical: latency.p50_ms, long: latency.p95_ms }]],
    ),
  );
}
