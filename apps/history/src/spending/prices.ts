import { MODELS } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import type { Config } from '../config/config.ts';

/** What images cost, as the settings say. */
@Injectable()
export class Prices {
  readonly currency: string;
  readonly #prices: Config['prices'];

  constructor({ prices, currency }: Pick<Config, 'prices' | 'currency'>) {
    this.#prices = prices;
    this.currency = currency;
  }

  /** What a request can cost at most: all its images. In millionths of the currency; null where its model has no price. */
  mostFor({ model, n }: { readonly model: string; readonly n: number }): number | null {
    const price = this.#prices.get(model);
    return price === undefined ? null : price * n;
  }

  /** The models that have none. */
  get missing(): readonly string[] {
    return MODELS.filter((model) => !this.#prices.has(model));
  }
}
