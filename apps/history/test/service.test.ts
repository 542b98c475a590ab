import type { ErrorBody, ServiceInfo } from '@wan-image/core';
import { expect, test } from 'vitest';
import { VERSION } from '../src/config/version.ts';
import { ADMIN, ADMIN_API_KEY, bearer, createKey } from './support/access.ts';
import { get } from './support/requests.ts';
import { openHistory, openTestData, runHistory } from './support/test-history.ts';

const everything = ['generate', 'read', 'manage'];

test('a service without keys and upstream says that nothing is billed, and that everybody may do everything', async () => {
  await using testData = await openTestData();
  await using history = await runHistory(testData, { PRICES: 'wan2.7-image=0.2' });
  const { body } = await get<ServiceInfo>(history.url, '/v1/service');
  expect(body).toEqual({
    version: VERSION.version,
    simulated: true,
    key_required: false,
    scopes: everything,
    prices: { 'wan2.7-image': '0.20' },
    currency: 'CNY',
    search: { complete: true, indexed: 1 },
  });
});

test('a service with keys says what the key of the request may do', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, PRICES: 'wan2.7-image-pro=0.055', CURRENCY: 'USD' });
  const of = (headers: Record<string, string>) => get<ServiceInfo & ErrorBody>(history.url, '/v1/service', headers);
  const { body } = await of(ADMIN);
  expect(body).toMatchObject({ simulated: false, key_required: true, scopes: everything, currency: 'USD' });
  expect(body.prices).toEqual({ 'wan2.7-image-pro': '0.055' });
  const { key } = await createKey(history.url, { scopes: ['read'] });
  expect((await of(bearer(key))).body.scopes).toEqual(['read']);
  expect((await of({})).body.error.code).toBe('missing_api_key');
  expect((await get<ErrorBody>(history.url, '/v1/service?a=1', ADMIN)).body.error.param).toBe('a');
});
