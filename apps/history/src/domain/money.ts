/** Amounts are whole millionths of the currency, so that sums are exact. */
const MILLION = 1_000_000;

/** `12.5` as 12500000. The text must be a decimal number with up to six places. */
export function millionthsOf(amount: string): number {
  const [whole = '0', places = ''] = amount.split('.');
  return Number(whole) * MILLION + Number(places.padEnd(6, '0'));
}

/** 12500000 as `12.50`: two decimal places, and more only if they are not zero. */
export function amountOf(millionths: number): string {
  const places = String(millionths % MILLION).padStart(6, '0');
  return `${Math.floor(millionths / MILLION)}.${places.slice(0, 2)}${places.slice(2).replace(/0+$/, '')}`;
}
