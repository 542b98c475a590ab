import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig, type Environment } from './config.ts';

const SECRET = '0123456789abcdef0123456789abcdef';

function problemsOf(environment: Environment): string {
  try {
    readConfig(environment);
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('without any setting: a laptop, embedded, simulated', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: null,
    dataDir: resolve('data'),
    databaseUrl: null,
    storageDir: resolve('data/images'),
    upstream: { kind: 'simulator' },
    upstreamTimeoutMs: 600_000,
    upstreamConcurrency: null,
    upstreamPerMinute: null,
    cancelOnDisconnect: false,
    archiveInputs: false,
    archivePrivateHosts: false,
    webhookPrivateHosts: false,
    maxUploadBytes: 1024 ** 3,
    uploadStallMs: 30_000,
    responseStallMs: 120_000,
    maxConnections: null,
    maxWatchers: 2000,
    modelAliases: new Map(),
    openaiDialect: false,
    adminApiKey: null,
    corsOrigins: [],
    signingKeys: [],
    prices: new Map(),
    currency: 'CNY',
    logLevel: 'info',
  });
});

test('an empty value counts as unset', () => {
  expect(readConfig({ PORT: '', ADMIN_API_KEY: ' ' })).toEqual(readConfig({}));
});

test('everything can be set', () => {
  const config = readConfig({
    HOST: '0.0.0.0',
    PORT: '8080',
    PUBLIC_URL: 'https://images.example/',
    DATABASE_URL: 'postgres://u:p@db/wan',
    STORAGE_URL: 'file:///srv/images',
    UPSTREAM_BASE_URL: 'https://relay.example',
    UPSTREAM_API_KEY: 'sk-1',
    UPSTREAM_TIMEOUT_SECONDS: '30',
    UPSTREAM_CONCURRENCY: '4',
    UPSTREAM_REQUESTS_PER_MINUTE: '60',
    ON_DISCONNECT: 'cancel',
    ARCHIVE_INPUTS: 'false',
    ARCHIVE_PRIVATE_HOSTS: 'true',
    WEBHOOK_PRIVATE_HOSTS: 'true',
    MAX_UPLOADS_MB: '300',
    UPLOAD_STALL_SECONDS: '10',
    RESPONSE_STALL_SECONDS: '60',
    MAX_CONNECTIONS: '500',
    MAX_WATCHERS: '100',
    MODEL_ALIASES: 'gpt-image-1=wan2.7-image-pro, dall-e-3=wan2.7-image',
    OPENAI_DIALECT: 'true',
    ADMIN_API_KEY: 'a'.repeat(16),
    SIGNING_KEYS: `2027:${'n'.repeat(32)}, 2026:${'o'.repeat(32)}`,
    PRICES: 'wan2.7-image=0.2, wan2.7-image-pro = 0.500001',
    CURRENCY: 'USD',
  });
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    publicUrl: 'https://images.example',
    databaseUrl: 'postgres://u:p@db/wan',
    storageDir: '/srv/images',
    upstream: { kind: 'remote', baseUrl: 'https://relay.example', apiKey: 'sk-1' },
    upstreamTimeoutMs: 30_000,
    upstreamConcurrency: 4,
    upstreamPerMinute: 60,
    cancelOnDisconnect: true,
    archiveInputs: false,
    archivePrivateHosts: true,
    webhookPrivateHosts: true,
    maxUploadBytes: 300 * 1024 ** 2,
    uploadStallMs: 10_000,
    responseStallMs: 60_000,
    maxConnections: 500,
    maxWatchers: 100,
    modelAliases: new Map([
      ['gpt-image-1', 'wan2.7-image-pro'],
      ['dall-e-3', 'wan2.7-image'],
    ]),
    openaiDialect: true,
    adminApiKey: 'a'.repeat(16),
    prices: new Map([
      ['wan2.7-image', 200_000],
      ['wan2.7-image-pro', 500_001],
    ]),
    currency: 'USD',
    signingKeys: [
      { id: '2027', secret: 'n'.repeat(32) },
      { id: '2026', secret: 'o'.repeat(32) },
    ],
  });
});

test("a key without a base URL means the vendor's own host", () => {
  expect(readConfig({ UPSTREAM_API_KEY: 'sk-1' }).upstream).toMatchObject({ baseUrl: 'https://www.anyfast.com.cn' });
});

test('inputs are archived unless their images are simulated, or as it is set', () => {
  const archives = (environment: Environment): boolean => readConfig(environment).archiveInputs;
  expect(archives({})).toBe(false);
  expect(archives({ UPSTREAM_API_KEY: 'sk-1' })).toBe(true);
  expect(archives({ ARCHIVE_INPUTS: 'true' })).toBe(true);
  expect(archives({ UPSTREAM_API_KEY: 'sk-1', ARCHIVE_INPUTS: 'false' })).toBe(false);
});

describe('is refused at start', () => {
  test.each<[string, Environment]>([
    ['UPSTREAM_BASE_URL is set without UPSTREAM_API_KEY', { UPSTREAM_BASE_URL: 'https://relay.example' }],
    ['set ADMIN_API_KEY', { HOST: '0.0.0.0' }],
    ['PORT must be a whole number', { PORT: '80a' }],
    ['PUBLIC_URL must be a URL', { PUBLIC_URL: 'images.example' }],
    ['STORAGE_URL must be a URL that begins with file://', { STORAGE_URL: 's3://bucket' }],
    ['UPSTREAM_TIMEOUT_SECONDS must be', { UPSTREAM_TIMEOUT_SECONDS: '0' }],
    ['OPENAI_DIALECT must be one of true, false', { OPENAI_DIALECT: 'yes' }],
    ['ARCHIVE_INPUTS must be one of true, false', { ARCHIVE_INPUTS: '1' }],
    ['entry 1 must be <alias>=<model>', { MODEL_ALIASES: '"x"=wan2.7-image' }],
    ['entry 2 must be <alias>=<model>', { MODEL_ALIASES: 'a=wan2.7-image,' }],
    ['entry 1 maps to "wan-2"', { MODEL_ALIASES: 'a=wan-2' }],
    ['redefines wan2.7-image, which is a model', { MODEL_ALIASES: 'wan2.7-image=wan2.7-image-pro' }],
    ['repeats an alias', { MODEL_ALIASES: 'a=wan2.7-image,a=wan2.7-image-pro' }],
    ['MAX_UPLOADS_MB must be', { MAX_UPLOADS_MB: '259' }],
    ['ADMIN_API_KEY must be ASCII', { ADMIN_API_KEY: 'my secret' }],
    ['ADMIN_API_KEY has 15 characters, and 16 are the fewest', { ADMIN_API_KEY: 'a'.repeat(15) }],
    ['"openssl rand -hex 32" makes one', { ADMIN_API_KEY: 'abc', HOST: '0.0.0.0' }],
    ['UPSTREAM_API_KEY must be ASCII', { UPSTREAM_API_KEY: '“sk-1”' }],
    ['LOG_LEVEL must be one of', { LOG_LEVEL: 'loud' }],
    ['entry 1 must be <id>:<secret>', { SIGNING_KEYS: SECRET }],
    ['entry 2 must be <id>:<secret>', { SIGNING_KEYS: `a:${SECRET},` }],
    ['entry 1 must be <id>:<secret>', { SIGNING_KEYS: `a b:${SECRET}` }],
    ['entry 1 must be <id>:<secret>', { SIGNING_KEYS: `${'a'.repeat(33)}:${SECRET}` }],
    ['the secret of entry 1 has 31 characters', { SIGNING_KEYS: `a:${SECRET.slice(1)}` }],
    ['entry 2 repeats an id', { SIGNING_KEYS: `a:${SECRET},a:${SECRET}x` }],
    ['PRICES: entry 1 must begin with', { PRICES: 'wan3=1' }],
    ['PRICES: entry 1 must begin with', { PRICES: 'wan2.7-image' }],
    ['PRICES: entry 1 must have a price', { PRICES: 'wan2.7-image=-1' }],
    ['PRICES: entry 2 must have a price', { PRICES: 'wan2.7-image=1,wan2.7-image-pro=0.1234567' }],
    ['PRICES: entry 2 is a second price', { PRICES: 'wan2.7-image=1,wan2.7-image=2' }],
    ['CURRENCY must be three capital letters', { CURRENCY: 'yuan' }],
    ['entry 2 repeats a secret', { SIGNING_KEYS: `a:${SECRET},b:${SECRET}` }],
  ])('%s', (message, environment) => {
    expect(problemsOf(environment)).toContain(message);
  });

  test('no key is quoted back', () => {
    const message = problemsOf({
      SIGNING_KEYS: `hunter2,a:hunter2,b:${SECRET},b:${SECRET}`,
      ADMIN_API_KEY: 'hunter2',
    });
    expect(message).toContain('SIGNING_KEYS');
    expect(message).not.toMatch(new RegExp(`hunter2|${SECRET}`));
  });

  test('all problems are told at once, and no password with them', () => {
    const message = problemsOf({ PORT: 'x', HOST: '0.0.0.0', DATABASE_URL: 'mysql://root:hunter2@db' });
    expect(message.split('\n')).toHaveLength(4);
    expect(message).not.toContain('hunter2');
  });
});
