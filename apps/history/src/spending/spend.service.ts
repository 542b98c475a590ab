import type { ApiKeyRecord, SpendPeriod } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { amountOf } from '../domain/money.ts';
import { periodEnd, periodStart } from './period.ts';
import { Prices } from './prices.ts';
import { SpendRepository } from './spend.repository.ts';

/** A key as far as its spending goes. */
export interface Spender {
  readonly id: string;
  readonly spendLimit: number | null;
  readonly spendPeriod: SpendPeriod | null;
}

/** What keys may spend and have spent, as they are told. */
@Injectable()
export class SpendService {
  readonly #repository: SpendRepository;
  readonly #prices: Prices;

  constructor(repository: SpendRepository, prices: Prices) {
    this.#repository = repository;
    this.#prices = prices;
  }

  /** By the id of the key; those without a limit have none. */
  async limitsOf(keys: readonly Spender[]): Promise<ReadonlyMap<string, ApiKeyRecord['spend_limit']>> {
    const now = new Date();
    const limited = keys.flatMap(({ id, spendLimit, spendPeriod }) =>
      spendLimit === null || spendPeriod === null
        ? []
        : [{ id, limit: spendLimit, period: spendPeriod, start: periodStart(spendPeriod, now) }],
    );
    if (limited.length === 0) return new Map();
    const spends = await this.#repository.spendOf(
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
            currency: this.#prices.currency,
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
