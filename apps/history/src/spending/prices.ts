import { MODELS } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { amountOf } from '../domain/money.ts';
import type { Config } from '../config/config.ts';

/** The prices of images from the settings. */
@Injectable()
export class Prices {
  readonly currency: string;
  /** Whether the embedded simulator generates the images, which cost nothing whatever the prices are. */
  readonly isSimulated: boolean;
  readonly #prices: Config['prices'];

  constructor({ prices, currency, upstream }: Pick<Config, 'prices' | 'currency' | 'upstream'>) {
    this.isSimulated = upstream.kind === 'simulator';
    this.#prices = prices;
    this.currency = currency;
  }

  /** The maximum cost of a request: all its images. In millionths of the currency; null if its model has no price, or if nothing is billed. */
  mostFor({ model, n }: { readonly model: string; readonly n: number }): number | null {
    const price = this.isSimulated ? undefined : this.#prices.get(model);
    return price === undefined ? null : price * n;
  }

  /** The amount of an image by model. */
  get all(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#prices].map(([model, price]) => [model, amountOf(price)]));
  }

  /** The models without a price. */
  get missing(): readonly string[] {
    return MODELS.filter((model) => !this.#prices.has(model));
  }
}
