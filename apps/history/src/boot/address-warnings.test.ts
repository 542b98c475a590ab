import { expect, test } from 'vitest';
import { readConfig } from '../config/config.ts';
import { addressWarnings } from './address-warnings.ts';

const ADMIN_API_KEY = 'an-admin-key-of-32-characters-000';

const warningsOf = (environment: Record<string, string>): string[] =>
  addressWarnings(readConfig({ ADMIN_API_KEY, ...environment }), 'http://localhost:3000');

test('a PUBLIC_URL with a path is warned of, because the gallery works at the root of its host only', () => {
  expect(warningsOf({ PUBLIC_URL: 'https://tools.example/images/' })).toEqual([
    expect.stringMatching(
      /^PUBLIC_URL has a path \(\/images\): .* the gallery .* PUBLIC_URL=https:\/\/tools\.example$/,
    ),
  ]);
  expect(warningsOf({ PUBLIC_URL: 'https://images.tools.example/', HOST: '0.0.0.0' })).toEqual([]);
});

test('a service for others without a PUBLIC_URL is warned of', () => {
  for (const HOST of ['0.0.0.0', '::'])
    expect(warningsOf({ HOST })).toEqual([expect.stringContaining('PUBLIC_URL is not set')]);
  expect(warningsOf({})).toEqual([]);
});
