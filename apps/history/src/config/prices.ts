import { AMOUNT, MODELS } from '@wan-image/core';
import { millionthsOf } from '../domain/money.ts';

/** What an image of each model costs, in millionths of the currency. A model may have no price. */
export type PriceList = ReadonlyMap<string, number>;

/** Reads `<model>=<price>[,…]`. */
export function readPrices(text: string | null, problem: (message: string) => void): PriceList {
  const prices = new Map<string, number>();
  for (const [index, entry] of (text?.split(',') ?? []).entries()) {
    const [, model = '', price = ''] = /^([^=]+)=(.+)$/.exec(entry.replaceAll(/\s/g, '')) ?? [];
    const at = `PRICES: entry ${index + 1}`;
    if (!MODELS.some((known) => known === model)) problem(`${at} must begin with ${MODELS.join('= or ')}=.`);
    else if (!AMOUNT.test(price)) problem(`${at} must give a price such as 0.20 after "=", with up to six places.`);
    else if (prices.has(model)) problem(`${at} is the second price of ${model}. Give each model one.`);
    else prices.set(model, millionthsOf(price));
  }
  return prices;
}
