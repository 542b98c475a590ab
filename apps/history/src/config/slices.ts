import type { Provider } from '@nestjs/common';
import type { Config } from './config.ts';

/** The settings of each feature, and the token by which they are injected. */

export type AccessConfig = Pick<Config, 'adminApiKey'>;
export const ACCESS_CONFIG = Symbol('ACCESS_CONFIG');

export type LinksConfig = Pick<Config, 'publicUrl' | 'host' | 'port' | 'signingKeys'>;
export const LINKS_CONFIG = Symbol('LINKS_CONFIG');

export type SpendingConfig = Pick<Config, 'prices' | 'currency' | 'upstream'>;
export const SPENDING_CONFIG = Symbol('SPENDING_CONFIG');

/** Maximum generations in flight at the upstream, and maximum generations started per minute; null: unlimited. */
export interface UpstreamLimits {
  readonly concurrency: number | null;
  readonly perMinute: number | null;
}
export const UPSTREAM_LIMITS = Symbol('UPSTREAM_LIMITS');

export type GatewayConfig = Pick<
  Config,
  | 'archiveInputs'
  | 'cancelOnDisconnect'
  | 'maxUploadBytes'
  | 'modelAliases'
  | 'openaiDialect'
  | 'uploadStallMs'
  | 'upstream'
>;
export const GATEWAY_CONFIG = Symbol('GATEWAY_CONFIG');

export type GenerationsConfig = Pick<Config, 'maxWatchers'>;
export const GENERATIONS_CONFIG = Symbol('GENERATIONS_CONFIG');

export type SweepConfig = Pick<Config, 'upstreamTimeoutMs'>;
export const SWEEP_CONFIG = Symbol('SWEEP_CONFIG');

export type ArchiveConfig = Pick<Config, 'archiveInputs' | 'archivePrivateHosts'>;
export const ARCHIVE_CONFIG = Symbol('ARCHIVE_CONFIG');

export type WebhooksConfig = Pick<Config, 'webhookPrivateHosts'>;
export const WEBHOOKS_CONFIG = Symbol('WEBHOOKS_CONFIG');

/** Gives each feature its own slice of the settings only. */
export function configProviders(config: Config): Provider[] {
  const limits: UpstreamLimits = { concurrency: config.upstreamConcurrency, perMinute: config.upstreamPerMinute };
  return [
    { provide: ACCESS_CONFIG, useValue: config },
    { provide: LINKS_CONFIG, useValue: config },
    { provide: SPENDING_CONFIG, useValue: config },
    { provide: UPSTREAM_LIMITS, useValue: limits },
    { provide: GATEWAY_CONFIG, useValue: config },
    { provide: GENERATIONS_CONFIG, useValue: config },
    { provide: SWEEP_CONFIG, useValue: config },
    { provide: ARCHIVE_CONFIG, useValue: config },
    { provide: WEBHOOKS_CONFIG, useValue: config },
  ];
}
