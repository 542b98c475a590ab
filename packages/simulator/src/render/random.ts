/** Random numbers from 0 to 1. The same seed gives the same numbers, so an image can be rendered again (mulberry32). */
export type Random = () => number;

/** `hex` is a hash. Each `salt` gives an independent sequence for the same hash. */
export function randomOf(hex: string, salt: number): Random {
  let state = (Number.parseInt(hex.slice(0, 8), 16) ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}
