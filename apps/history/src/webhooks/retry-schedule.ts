const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The pauses after each failed try: ten tries over three days. The first try is at once. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** No endpoint may ask for a longer pause. */
const MAX_PAUSE_MS = 24 * HOUR_MS;

/** Up to so much is added to a pause, so that what failed together is not tried together again. */
const JITTER = 0.1;

/**
 * The pause after a number of failed tries, in milliseconds; null after the last. `askedMs` is what the endpoint asks for (`Retry-After`),
 * if it does. `random` is from 0 to 1.
 */
export function pauseAfter(tries: number, askedMs: number | null, random: number): number | null {
  const pause = PAUSES_MS[tries - 1];
  if (pause === undefined) return null;
  const asked = Math.min(askedMs ?? 0, MAX_PAUSE_MS);
  return Math.max(asked, Math.floor(pause * (1 + JITTER * random)));
}
