import { Link } from '@tanstack/react-router';
import type { StatisticsRow } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { Costs } from './costs.tsx';
import { endedOf, hasNoPrice } from './figures.ts';
import styles from './statistics.module.css';
import { useUnits } from './use-units.ts';

/** The figures of the whole time. */
export function Totals({
  total,
  models,
}: {
  readonly total: StatisticsRow;
  readonly models: readonly StatisticsRow[];
}): ReactNode {
  const t = useTranslations('statistics');
  const ta = useTranslations('app');
  const units = useUnits();
  const { data: service } = useService();
  const { generations, latency } = total;
  return (
    <dl className={styles['totals']}>
      <Total name={t('images')} value={units.count(total.images)} />
      <Total
        name={t('generations')}
        value={units.count(endedOf(total))}
        detail={generations.failed > 0 && `${t('failed')}: ${units.count(generations.failed)}`}
      />
      {total.unknown > 0 && (
        <Total
          name={t('unknown')}
          value={units.count(total.unknown)}
          detail={
            <>
              {!total.simulated && t('unknownHint')} <Link to="/activity">{ta('activity')}</Link>
            </>
          }
        />
      )}
      <Total
        name={t('cost')}
        value={<Costs row={total} models={models} />}
        detail={models.some((one) => hasNoPrice(one, service?.prices ?? {})) && t('noPriceHint')}
      />
      {latency && (
        <Total
          name={t('latency')}
          value={units.seconds(latency.p50_ms)}
          detail={`${t('p95')}: ${units.seconds(latency.p95_ms)}`}
        />
      )}
      <Total
        name={t('stored')}
        value={units.bytes(total.stored_bytes - total.deleted_bytes)}
        detail={total.deleted_bytes > 0 && t('deletedSince', { size: units.bytes(total.deleted_bytes) })}
      />
    </dl>
  );
}

interface TotalProps {
  readonly name: string;
  readonly value: ReactNode;
  readonly detail?: ReactNode;
}

function Total({ name, value, detail }: TotalProps): ReactNode {
  return (
    <div className={styles['total']}>
      <dt>{name}</dt>
      <dd className={styles['figureValue']}>{value}</dd>
      {detail && <dd className={styles['detail']}>{detail}</dd>}
    </div>
  );
}
