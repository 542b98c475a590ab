import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VENDOR_BASE_URL } from '@wan-image/core';
import { isLoopback } from '../domain/loopback.ts';
import { readCorsOrigins } from './cors-origins.ts';
import { readModelAliases } from './model-aliases.ts';
import { readPrices, type PriceList } from './prices.ts';
import { readSigningKeys, type SigningKey } from './signing-keys.ts';

/** Where images are generated. */
type UpstreamConfig =
  | { readonly kind: 'simulator' }
  | { readonly kind: 'remote'; readonly baseUrl: string; readonly apiKey: string };

/** The settings of the service. The table in the README describes each. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Without a trailing slash; null: the address it listens on. */
  readonly publicUrl: string | null;
  readonly dataDir: string;
  /** Null: PGlite in the data folder. */
  readonly databaseUrl: string | null;
  /** Folder of the images. */
  readonly storageDir: string;
  readonly upstream: UpstreamConfig;
  readonly upstreamTimeoutMs: number;
  /** Across all processes on the database; null: unlimited. */
  readonly upstreamConcurrency: number | null;
  readonly upstreamPerMinute: number | null;
  /** Whether a generation is canceled when its client disconnects. It may have been billed. */
  readonly cancelOnDisconnect: boolean;
  /** Whether to store a copy of inputs that are given as URLs, and whether to include those at private addresses. */
  readonly archiveInputs: boolean;
  readonly archivePrivateHosts: boolean;
  /** Whether webhooks may be at private addresses. */
  readonly webhookPrivateHosts: boolean;
  /** Maximum total size of the request bodies being received at the same time. */
  readonly maxUploadBytes: number;
  /** How long a request body may fall behind 1 KB/s, and how long a client may read nothing of a response. */
  readonly uploadStallMs: number;
  readonly responseStallMs: number;
  /** Null: as many as the limit of open files of the process permits. */
  readonly maxConnections: number | null;
  /** Clients that watch generations at the same time: event streams, and reads with `wait`. */
  readonly maxWatchers: number;
  /** Other names that clients may use for the models of the contract. */
  readonly modelAliases: ReadonlyMap<string, string>;
  /** Whether requests are interpreted as OpenAI's API does. */
  readonly openaiDialect: boolean;
  readonly adminApiKey: string | null;
  /** Origins of web pages that may use the service; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** For image URLs: the first signs, all verify. Empty: the service generates one itself. */
  readonly signingKeys: readonly SigningKey[];
  /** The price of an image, by model. The cost of a model without a price is unknown. */
  readonly prices: PriceList;
  /** The currency of prices and spend limits: three capitals, as in ISO 4217. */
  readonly currency: string;
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** In characters: no more can be asked of a key that a person made up; a key that was generated has more than enough. */
const SHORTEST_ADMIN_KEY = 16;

/** Lists all invalid settings. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Reads every setting. An empty value counts as unset. Throws a {@link ConfigError} that lists all problems. */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const settings = new Settings(environment, problems);
  const host = settings.text('HOST') ?? '127.0.0.1';
  const dataDir = resolve(settings.text('DATA_DIR') ?? './data');
  const config: Config = {
    host,
    port: settings.wholeNumber('PORT', 0, 65_535) ?? 3000,
    publicUrl: settings.url('PUBLIC_URL', ['http:', 'https:'])?.replace(/\/+$/, '') ?? null,
    dataDir,
    databaseUrl: settings.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    storageDir: readStorage(settings) ?? resolve(dataDir, 'images'),
    upstream: readUpstream(settings),
    upstreamTimeoutMs: (settings.wholeNumber('UPSTREAM_TIMEOUT_SECONDS', 1, 86_400) ?? 600) * 1000,
    upstreamConcurrency: settings.wholeNumber('UPSTREAM_CONCURRENCY', 1, 100_000),
    upstreamPerMinute: settings.wholeNumber('UPSTREAM_REQUESTS_PER_MINUTE', 1, 1_000_000),
    cancelOnDisconnect: settings.oneOf('ON_DISCONNECT', ['finish', 'cancel']) === 'cancel',
    // The simulator fetches no input, and those of an example do not exist.
    archiveInputs: settings.flag('ARCHIVE_INPUTS') ?? settings.text('UPSTREAM_API_KEY') !== null,
    archivePrivateHosts: settings.flag('ARCHIVE_PRIVATE_HOSTS') ?? false,
    webhookPrivateHosts: settings.flag('WEBHOOK_PRIVATE_HOSTS') ?? false,
    maxUploadBytes: (settings.wholeNumber('MAX_UPLOADS_MB', 260, 1_000_000) ?? 1024) * 1024 * 1024,
    uploadStallMs: (settings.wholeNumber('UPLOAD_STALL_SECONDS', 1, 900) ?? 30) * 1000,
    responseStallMs: (settings.wholeNumber('RESPONSE_STALL_SECONDS', 1, 86_400) ?? 120) * 1000,
    maxConnections: settings.wholeNumber('MAX_CONNECTIONS', 1, 1_000_000),
    maxWatchers: settings.wholeNumber('MAX_WATCHERS', 1, 1_000_000) ?? 2000,
    modelAliases: readModelAliases(settings.text('MODEL_ALIASES'), (problem) => settings.problem(problem)),
    openaiDialect: settings.flag('OPENAI_DIALECT') ?? false,
    adminApiKey: readAdminKey(settings),
    corsOrigins: readCorsOrigins(settings.text('CORS_ORIGINS'), settings.text('ADMIN_API_KEY') !== null, (problem) =>
      settings.problem(problem),
    ),
    signingKeys: readSigningKeys(settings.text('SIGNING_KEYS'), (problem) => settings.problem(problem)),
    prices: readPrices(settings.text('PRICES'), (problem) => settings.problem(problem)),
    currency: readCurrency(settings),
    logLevel: settings.oneOf('LOG_LEVEL', LOG_LEVELS) ?? 'info',
  };
  if (config.adminApiKey === null && !isLoopback(host)) {
    problems.push(
      `HOST is ${host}, so others can reach the service and spend your money: set ADMIN_API_KEY, or let HOST be 127.0.0.1.`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readUpstream(settings: Settings): UpstreamConfig {
  const baseUrl = settings.url('UPSTREAM_BASE_URL', ['http:', 'https:']);
  const apiKey = settings.key('UPSTREAM_API_KEY');
  if (apiKey !== null) return { kind: 'remote', baseUrl: baseUrl ?? VENDOR_BASE_URL, apiKey };
  if (baseUrl !== null && settings.text('UPSTREAM_API_KEY') === null) {
    settings.problem('UPSTREAM_BASE_URL is set without UPSTREAM_API_KEY: set both, or none to use the simulator.');
  }
  return { kind: 'simulator' };
}

function readAdminKey(settings: Settings): string | null {
  const key = settings.key('ADMIN_API_KEY');
  if (key !== null && key.length < SHORTEST_ADMIN_KEY) {
    settings.problem(
      `ADMIN_API_KEY has ${key.length} characters, and ${SHORTEST_ADMIN_KEY} are the fewest: who guesses it spends your money. "openssl rand -hex 32" makes one.`,
    );
  }
  return key;
}

function readCurrency(settings: Settings): string {
  const currency = settings.text('CURRENCY') ?? 'CNY';
  if (!/^[A-Z]{3}$/.test(currency)) settings.problem('CURRENCY must be three capital letters, such as CNY or USD.');
  return currency;
}

function readStorage(settings: Settings): string | null {
  const url = settings.url('STORAGE_URL', ['file:']);
  if (url === null) return null;
  try {
    return fileURLToPath(url);
  } catch {
    settings.problem('STORAGE_URL must be the URL of a folder on this machine, such as file:///srv/wan-image/images.');
    return null;
  }
}

/** Reads single settings. Collects problems instead of throwing them. */
class Settings {
  readonly #environment: Environment;
  readonly #problems: string[];

  constructor(environment: Environment, problems: string[]) {
    this.#environment = environment;
    this.#problems = problems;
  }

  problem(message: string): void {
    this.#problems.push(message);
  }

  text(name: string): string | null {
    const value = this.#environment[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  /** A key is sent in a header, where a space ends it and other characters are invalid. Problems do not quote the value. */
  key(name: string): string | null {
    const value = this.text(name);
    if (value === null || /^[\x21-\x7e]+$/.test(value)) return value;
    this.problem(`${name} must be ASCII characters without spaces: check for pasted quotes or line breaks.`);
    return null;
  }

  wholeNumber(name: string, least: number, most: number): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.problem(`${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}.`);
    return null;
  }

  /** Problems do not quote the value: a URL may contain a password. */
  url(name: string, protocols: readonly string[]): string | null {
    const value = this.text(name);
    if (value === null) return null;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(value)?.[0] ?? 'no protocol';
    const allowed = protocols.map((protocol) => `${protocol}//`).join(' or ');
    this.problem(`${name} must be a URL that begins with ${allowed}, got ${scheme}.`);
    return null;
  }

  flag(name: string): boolean | null {
    const value = this.oneOf(name, ['true', 'false']);
    return value === null ? null : value === 'true';
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null) return null;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined)
      this.problem(`${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}.`);
    return found ?? null;
  }
}
