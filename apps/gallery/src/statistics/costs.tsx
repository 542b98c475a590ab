import type { StatisticsRow } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { hasNoPrice } from './figures.ts';
import { useUnits } from './use-units.ts';

export interface CostsProps {
  readonly row: StatisticsRow;
  /** Of the same time, to tell which of its models have no price. */
  readonly models?: readonly StatisticsRow[];
}

/** What something cost in each currency. Without a price that is not nothing: it is not known. */
export function Costs({ row, models }: CostsProps): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const { data: service } = useService();
  if (row.simulated) return t('free');
  const amounts = Object.entries(row.cost).map(([currency, amount]) => units.money(amount, currency));
  if (amounts.length > 0) return amounts.join(' + ');
  const isMissing = (models ?? [row]).some((one) => hasNoPrice(one, service?.prices ?? {}));
  return isMissing ? t('noPrice') : units.money('0', service?.currency ?? '');
}
