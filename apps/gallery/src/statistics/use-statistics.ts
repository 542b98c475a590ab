import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { StatisticsGroup, StatisticsRow } from '@wan-image/core';
import { client } from '../api/client.ts';
import type { StatisticsTime } from './range.ts';

export interface AllStatistics {
  /** At most two: of what was simulated, and of the rest. */
  readonly totals: readonly StatisticsRow[];
  readonly days: readonly StatisticsRow[];
  readonly models: readonly StatisticsRow[];
  readonly daysOfModels: readonly StatisticsRow[];
  /** Whether everything has been counted. */
  readonly complete: boolean;
}

/** All that the page shows of a time. Percentiles cannot be added up, so each grouping is read by itself. */
export function useStatistics(time: StatisticsTime) {
  return useQuery({
    queryKey: ['stats', time],
    queryFn: async ({ signal }): Promise<AllStatistics> => {
      const read = (...group_by: StatisticsGroup[]) =>
        client.stats({ ...time, signal, ...(group_by.length > 0 && { group_by }) });
      const [totals, days, models, daysOfModels] = await Promise.all([
        read(),
        read('day'),
        read('model'),
        read('day', 'model'),
      ]);
      return {
        totals: totals.data,
        days: days.data,
        models: models.data,
        daysOfModels: daysOfModels.data,
        complete: totals.complete,
      };
    },
    placeholderData: keepPreviousData,
  });
}
