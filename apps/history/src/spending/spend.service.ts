import type { ApiKeyRecord, SpendPeriod } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.ts';
import type { ApiError } from '../domain/api-error.ts';
import { amountOf } from '../domain/money.ts';
import { periodEnd, periodStart } from './period.ts';
import { Prices } from './prices.ts';
import { noPrice, spendLimitReached } from './refusals.ts';
import { SpendLimitReached, SpendRepository, type KeySpending, type Reservation } from './spend.repository.ts';

/** The spend limit of an API key; null if it has none. */
export interface SpendLimits {
  /** In millionths of the currency, per period. */
  readonly spendLimit: number | null;
  readonly spendPeriod: SpendPeriod | null;
}

/** The spend-related fields of an API key. */
interface Spender extends SpendLimits {
  readonly id: string;
}

/** The maximum cost of a generation: the columns of its row, and the reservation, null if its key has no limit. */
export interface PricedRequest {
  readonly columns: {
    readonly apiKeyId: string | null;
    readonly simulated: boolean;
    readonly reserved: number | null;
    readonly cost: null;
    readonly currency: string | null;
    /** The reservation sets it, by the database's clock. */
    readonly spendPeriodStart: null;
  };
  readonly reservation: Reservation | null;
}

/** The spend limits of API keys, and what they have spent. */
@Injectable()
export class SpendService {
  constructor(
    private readonly repository: SpendRepository,
    private readonly prices: Prices,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * The maximum price of a request. Throws an ApiError if the key has a limit and the model no price: such a limit could not be enforced.
   */
  reservationFor(
    apiKeyId: string | null,
    { spendLimit, spendPeriod }: SpendLimits,
    request: { readonly model: string; readonly n: number },
  ): PricedRequest {
    const reserved = this.prices.mostFor(request);
    if (reserved === null && spendPeriod !== null && !this.prices.isSimulated) throw noPrice(request.model);
    const isLimited = apiKeyId !== null && reserved !== null && spendPeriod !== null && spendLimit !== null;
    return {
      columns: {
        apiKeyId,
        simulated: this.prices.isSimulated,
        reserved,
        cost: null,
        currency: reserved === null ? null : this.prices.currency,
        spendPeriodStart: null,
      },
      reservation: isLimited ? { apiKeyId, period: spendPeriod, amount: reserved, limit: spendLimit } : null,
    };
  }

  /** The error response to a request whose reservation was rejected; null for any other error. */
  refusalOf(error: unknown, reservation: Reservation | null): ApiError | null {
    if (!(error instanceof SpendLimitReached) || reservation === null) return null;
    return spendLimitReached({ ...reservation, currency: this.prices.currency }, this.clock.now());
  }

  /** By key id; of keys that have spent something. */
  async spentOf(keyIds: readonly string[]): Promise<ReadonlyMap<string, ApiKeyRecord['spent']>> {
    if (keyIds.length === 0) return new Map();
    const found = await this.repository.spendingOf(keyIds, periodStart('month', this.clock.now()));
    const amounts = (some: readonly KeySpending[], figure: 'total' | 'thisMonth'): Record<string, string> =>
      Object.fromEntries(some.map((one) => [one.currency, amountOf(one[figure])]));
    return new Map(
      [...Map.groupBy(found, ({ apiKeyId }) => apiKeyId)].map(([id, some]) => [
        id,
        {
          total: amounts(some, 'total'),
          this_month: amounts(
            some.filter(({ thisMonth }) => thisMonth !== 0),
            'thisMonth',
          ),
        },
      ]),
    );
  }

  /** By key id; keys without a limit have none. */
  async limitsOf(keys: readonly Spender[]): Promise<ReadonlyMap<string, ApiKeyRecord['spend_limit']>> {
    const now = this.clock.now();
    const limited = keys.flatMap(({ id, spendLimit, spendPeriod }) =>
      spendLimit === null || spendPeriod === null
        ? []
        : [{ id, limit: spendLimit, period: spendPeriod, start: periodStart(spendPeriod, now) }],
    );
    if (limited.length === 0) return new Map();
    const spends = await this.repository.spendOf(
      limited.map(({ id }) => id),
      limited.map(({ start }) => start),
    );
    return new Map(
      limited.map(({ id, limit, period, start }) => {
        const spend = spends.find((one) => one.apiKeyId === id && one.periodStart.getTime() === start.getTime());
        return [
          id,
          {
            amount: amountOf(limit),
            currency: this.prices.currency,
            period,
            spent: amountOf(spend?.spent ?? 0),
            reserved: amountOf(spend?.reserved ?? 0),
            resets_at: periodEnd(period, now)?.toISOString() ?? null,
          },
        ];
      }),
    );
  }
}
