export interface SimulatorOptions {
  /** Port to listen on; 0 selects a free one. Default 4010. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Lifetime of result URLs in seconds. Default 86,400 (24 hours), like the vendor's. */
  readonly urlLifetimeSeconds?: number;
  /** Duration of a generation in milliseconds; with thinking it is three times as long. Default 400. */
  readonly latencyMs?: number;
  /** Respond to every generation with canned images, for load tests. */
  readonly stub?: StubOptions;
}

export interface StubOptions {
  /** Size of each image in bytes. */
  readonly imageBytes: number;
  /** Duration of a generation in milliseconds. */
  readonly delayMs: number;
}

export const DEFAULT_PORT = 4010;
export const DEFAULT_LATENCY_MS = 400;
