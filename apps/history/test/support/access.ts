import type { ApiKeyRecord, CreatedApiKey, ErrorBody, ProjectRecord } from '@wan-image/core';
import { expect } from 'vitest';
import { onDatabase } from './on-database.ts';
import { get, send, type JsonResponse } from './requests.ts';
import type { TestHistory } from './test-history.ts';

export const ADMIN_API_KEY = 'admin-secret-of-tests';

/** The authorization header of an API key. */
export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

export const ADMIN = bearer(ADMIN_API_KEY);

export function post<T>(base: string, path: string, body: unknown): Promise<JsonResponse<T & ErrorBody>> {
  return send(base + path, { method: 'POST', body, headers: ADMIN });
}

export function patch<T>(base: string, path: string, body: unknown): Promise<JsonResponse<T & ErrorBody>> {
  return send(base + path, { method: 'PATCH', body, headers: ADMIN });
}

export async function createProject(base: string, name: string): Promise<ProjectRecord> {
  const { status, body } = await post<ProjectRecord>(base, '/v1/projects', { name });
  expect(status).toBe(201);
  return body;
}

export async function createKey(base: string, fields: object = {}): Promise<CreatedApiKey> {
  const { status, body } = await post<CreatedApiKey>(base, '/v1/api-keys', { name: 'a key', ...fields });
  expect([status, body.error]).toEqual([201, undefined]);
  return body;
}

/** The time of expiry of a key passes. A change, even of nothing, makes the service read its keys again. */
export async function expire({ url, testData }: Pick<TestHistory, 'url' | 'testData'>, id: string): Promise<void> {
  await onDatabase(testData, `update api_key set expires_at = now() - interval '1 second' where id = '${id}'`);
  expect((await patch(url, `/v1/api-keys/${id}`, {})).status).toBe(200);
}

export async function keyRecord(base: string, id: string): Promise<ApiKeyRecord> {
  return (await get<ApiKeyRecord>(base, `/v1/api-keys/${id}`, ADMIN)).body;
}

export async function revoke(base: string, id: string): Promise<JsonResponse<ApiKeyRecord & ErrorBody>> {
  return send(`${base}/v1/api-keys/${id}`, { method: 'DELETE', headers: ADMIN });
}
