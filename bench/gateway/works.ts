import type { Format } from './caller.ts';

/** What is measured, as the rows name it. A duration includes the whole response. */
export const WORKS = {
  'latency b64_json': '1 caller, 1 image x 2 KB as base64',
  'latency url': '1 caller, URL of 1 image x 2 KB; history has fetched and stored it',
  'rate b64_json': '16 callers, 1 image x 2 KB as base64',
  'rate url': '16 callers, URL of 1 image x 2 KB; history has fetched and stored it',
  'change b64_json': 'before and after the change: Chinese prompt, 1 image of 2048 x 2048 as base64',
  'change url': 'before and after the change: Chinese prompt, URL of 1 image of 2048 x 2048',
  large: '16 responses at once of 4 x 12 MB as base64',
  'large, slow': '16 responses at once of 4 x 12 MB as base64, read at 8 MB/s each',
  inFlight: '2,000 generations in flight for 20 s',
  start: 'start to ready, warm disk',
} as const;

export const FORMATS = ['b64_json', 'url'] as const satisfies readonly Format[];

export const LATENCY = { rounds: 5, firstWarmUp: 300, warmUp: 20, calls: 400 } as const;
export const RATE = { rounds: 3, callers: 16, warmUpMs: 1500, measuredMs: 5000 } as const;
/** Of a comparison of two builds; one with fewer rounds says more of the machine than of them. */
export const CHANGE = {
  rounds: 7,
  firstWarmUp: 300,
  warmUp: 20,
  calls: 200,
  callers: 16,
  warmUpMs: 1000,
  measuredMs: 4000,
} as const;
export const LARGE = { rounds: 2, responses: 16, warmUp: 100, slowBytesPerSecond: 8 * 1024 * 1024 } as const;
export const IN_FLIGHT = { rounds: 1, generations: 2000, warmUp: 100 } as const;
export const START = { rounds: 7 } as const;
