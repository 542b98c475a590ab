import type {
  CreateWebhookRequest,
  ErrorBody,
  GenerationRecord,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookWithSecret,
} from '@wan-image/core';
import { Webhook } from 'standardwebhooks';
import type { RecordedRequest } from '@wan-image/testing/http-server';
import { expect } from 'vitest';
import { bearer, createKey, createProject } from './access.ts';
import { generate, send, type JsonResponse } from './requests.ts';

/** How long a test waits for a delivery: the service looks every second, and the machine may be slow. */
export const DELIVERY_WAIT = { timeout: 30_000, interval: 20 };

/** A project of its own for a test, with a key for everything. */
export interface WebhookProject {
  readonly id: string;
  readonly headers: Record<string, string>;
  call<T>(method: string, path: string, body?: unknown): Promise<JsonResponse<T & ErrorBody>>;
  /** Creates a webhook, and expects that it works. */
  webhook(request: CreateWebhookRequest): Promise<WebhookWithSecret>;
  /** The deliveries of a webhook, newest first. */
  deliveries(webhookId: string, query?: string): Promise<readonly WebhookDelivery[]>;
  /** Generates an image, and returns the id of the generation. */
  generate(prompt: string): Promise<string>;
}

let projects = 0;

export async function openProject(base: string): Promise<WebhookProject> {
  const { id } = await createProject(base, `webhooks ${process.pid} ${projects++} ${Math.random()}`);
  const { key } = await createKey(base, { project_id: id, scopes: ['generate', 'read', 'manage'] });
  const headers = bearer(key);
  const project: WebhookProject = {
    id,
    headers,
    call: (method, path, body) => send(base + path, { method, headers, ...(body !== undefined && { body }) }),
    async webhook(request) {
      const { status, body } = await project.call<WebhookWithSecret>('POST', '/v1/webhooks', request);
      expect([status, body.error]).toEqual([201, undefined]);
      return body;
    },
    async deliveries(webhookId, query = '') {
      const path = `/v1/webhooks/${webhookId}/deliveries${query}`;
      return (await project.call<WebhookDeliveryList>('GET', path)).body.data;
    },
    async generate(prompt) {
      const request = { model: 'wan2.7-image', prompt, size: '1K' };
      return (await generate(base, request, headers)).headers.get('x-generation-id') ?? '';
    },
  };
  return project;
}

/** The body of a request to a webhook, as its tests read it. */
export interface ReceivedEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly data: GenerationRecord;
}

/** The event of a request, after its signature was verified as a receiver does. */
export function verified(secret: string, { body, headers }: RecordedRequest): ReceivedEvent {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as ReceivedEvent;
}
