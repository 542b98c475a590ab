import type { Environment } from './config.ts';

/** The one reader of the process environment; everything else is given a `Config`. */
export const environment: Environment = process.env;
