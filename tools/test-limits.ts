import { lineOf, withoutComments } from './source-files.ts';

/** The least that a test may be given, in milliseconds: vitest's own 5 s fail on a machine that is busy with something else. */
const LEAST_MS = { testTimeout: 180_000, hookTimeout: 60_000, poll: 30_000 };

const number = (text: string | undefined): number => Number(text?.replaceAll('_', '') ?? Number.NaN);

/** The limits that a vitest configuration does not set, or sets too low. */
export function missingLimits(config: string): readonly string[] {
  const found = {
    testTimeout: number(/\btestTimeout: ([\d_]+)/.exec(config)?.[1]),
    hookTimeout: number(/\bhookTimeout: ([\d_]+)/.exec(config)?.[1]),
    poll: number(/\bpoll: { timeout: ([\d_]+)/.exec(config)?.[1]),
  };
  return Object.entries(LEAST_MS)
    .filter(([name, least]) => !(found[name as keyof typeof found] >= least))
    .map(([name, least]) => `${name} is not at least ${least}`);
}

/** Its limit is a second, which no configuration changes. */
const VITEST_WAIT = /\bvi\s*\.wait(?:For|Until)\(/g;

/** `expect.poll(…)` and its like with a shorter limit of its own, and a duration that an assertion bounds. */
const SHORT_WAIT = /\b(?:poll|waitForFunction)\((?:[^;]*?)\btimeout: ([\d_]+)/g;
const CLOCK = /\b(?:performance\.now\(\)|Date\.now\(\) -|hrtime|elapsed\w*|took\w*|duration(?:Ms|_ms)?|settledMs)/;
const BOUND = /expect\(([^;]*?)\)\s*\.(?:not\s*\.)?to(?:BeLess|BeGreater|BeCloseTo)\w*/g;

/** The lines of a test that fail because a machine is slow. */
export function hasteOf(test: string): readonly string[] {
  const code = withoutComments(test);
  const waits = [...code.matchAll(SHORT_WAIT)].filter(
    ([, limit]) => number(limit) > 0 && number(limit) < LEAST_MS.poll,
  );
  const bounds = [...code.matchAll(BOUND)].filter(([, value = '']) => CLOCK.test(value));
  return [
    ...[...code.matchAll(VITEST_WAIT)].map(
      ({ index }) => `line ${lineOf(code, index)}: waits for a second; use expect.poll`,
    ),
    ...waits.map(({ index }) => `line ${lineOf(code, index)}: waits for less than ${LEAST_MS.poll} ms`),
    ...bounds.map(({ index }) => `line ${lineOf(code, index)}: asserts a duration`),
  ];
}
