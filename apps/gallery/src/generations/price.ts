import type { ServiceInfo } from '@wan-image/core';

/** What a generation will cost, as far as the page knows. */
export type Price =
  | { readonly kind: 'simulated' }
  | { readonly kind: 'unset' }
  | { readonly kind: 'amount'; readonly amount: number; readonly currency: string };

/** Amounts have up to six places: whole millionths make products exact. */
const MILLION = 1_000_000;

/** The price of `images` images. */
export function priceOf(
  service: Pick<ServiceInfo, 'simulated' | 'prices' | 'currency'>,
  model: string,
  images: number,
): Price {
  if (service.simulated) return { kind: 'simulated' };
  const price = Object.hasOwn(service.prices, model) ? service.prices[model] : undefined;
  if (price === undefined) return { kind: 'unset' };
  const [units = '0', places = ''] = price.split('.');
  const millionths = Number(units) * MILLION + Number(places.padEnd(6, '0').slice(0, 6));
  return { kind: 'amount', amount: (millionths * images) / MILLION, currency: service.currency };
}
