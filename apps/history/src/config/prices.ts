import { AMOUNT, MODELS } from '@wan-image/core';
import { millionthsOf } from '../domain/money.ts';

/** The price of an image, by model, in millionths of the currency. A model may have no price. */
export type PriceList = ReadonlyMap<string, number>;

/** Reads `<model>=<price>[,…]`. */
export function readPrices(text: string | null, problem: (message: string) => void): PriceList {
  const prices = new Map<string, number>();
  for (const [index, entry] of (text?.split(',') ?? []).entries()) {
    const [, model = '', price = ''] = /^([^=]+)=(.+)$/.exec(entry.replaceAll(/\s/g, '')) ?? [];
    const at = `PRICES: entry ${index + 1}`;
    if (!MODELS.some((known) => known === model)) problem(`${at} must begin with ${MODELS.join('= or ')}=.`);
    else if (!AMOUNT.test(price)) problem(`${at} must have a price after "=", such as 0.20, with up to six decimals.`);
    else if (prices.has(model)) problem(`${at} is a second price for ${model}. Each model has one.`);
    else prices.set(model, millionthsOf(price));
  }
  return prices;
}
