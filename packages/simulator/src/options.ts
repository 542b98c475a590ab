export interface SimulatorOptions {
  /** 0 takes a free one. Default 4010. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How long result URLs live, in seconds. Default 24 hours, as the vendor's. */
  readonly urlLifetimeSeconds?: number;
  /** How long a generation takes, in milliseconds; thinking takes twice as long again. Default 400. */
  readonly latencyMs?: number;
  /** Answer every generation with canned images, for load. */
  readonly stub?: StubOptions;
}

export interface StubOptions {
  /** Size of each image. */
  readonly imageBytes: number;
  readonly delayMs: number;
}

export const DEFAULT_PORT = 4010;
export const DEFAULT_LATENCY_MS = 400;
