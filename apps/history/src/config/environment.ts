import type { Environment } from './config.ts';

/** The only access to the process environment; everything else receives a `Config`. */
export const environment: Environment = process.env;
