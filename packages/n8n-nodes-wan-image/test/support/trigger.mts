import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IDataObject, IHookFunctions, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';
import { WanImageTrigger } from '../../nodes/WanImageTrigger/WanImageTrigger.node.ts';

/** The trigger in simulated contexts of n8n; e2e/n8n/trigger.test.ts runs it in the real one. */

export const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, or so').toString('base64')}`;
export const WEBHOOK_ID = 'webhook-1';
export const URL_OF_N8N = 'https://n8n.example.com/webhook/abc/webhook';
export const API_KEY = 'wan_live_very_secret_0123456789';

const NODE = { id: 'n', name: 'Trigger', type: 'n8n-nodes-wan-image.wanImageTrigger', typeVersion: 1 };

interface EventRequest {
  readonly id?: string;
  readonly body?: string | undefined;
  /** In seconds. Default: now. */
  readonly timestamp?: number | string;
  /** The secrets that it is signed with. */
  readonly secrets?: readonly string[];
  /** In place of a signature. */
  readonly signature?: string;
  /** What n8n responds if it starts the workflow. Default: 200. */
  readonly status?: number;
  /** Does not end the request. */
  readonly isOpen?: boolean;
}

interface EventResponse {
  readonly status: number;
  readonly message: string | null;
  /** The items that the workflow starts with; null if it does not start. */
  readonly items: readonly INodeExecutionData[] | null;
}

export interface Receiver {
  readonly staticData: IDataObject;
  readonly receive: (request?: EventRequest) => Promise<EventResponse>;
  /** Ends the requests that are open. */
  readonly close: () => void;
}

/** Standard Webhooks 1.0, independent of the trigger. */
export function signatureOf(id: string, timestamp: number | string, body: string, secret: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function receiver(
  parameters: IDataObject = {},
  staticData: IDataObject = { webhookId: randomUUID(), secret: SECRET },
): Receiver {
  const open: FakeResponse[] = [];
  const receive = async (request: EventRequest = {}): Promise<EventResponse> => {
    const { id = randomUUID(), body = SUCCEEDED, timestamp = Math.floor(Date.now() / 1000) } = request;
    const signature = (request.secrets ?? [SECRET]).map((secret) => signatureOf(id, timestamp, body, secret)).join(' ');
    const response = new FakeResponse();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': request.signature ?? signature,
    };
    const copy = structuredClone(staticData);
    const context = {
      getWorkflowStaticData: () => copy,
      getHeaderData: () => headers,
      getRequestObject: () => ({
        rawBody: 'body' in request && request.body === undefined ? undefined : Buffer.from(body),
      }),
      getResponseObject: () => response,
      getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? DEFAULTS[name] ?? fallback,
    } as unknown as IWebhookFunctions;
    const { workflowData, webhookResponse } = await new WanImageTrigger().webhook.call(context);
    if (workflowData !== undefined) response.statusCode = request.status ?? 200;
    // As n8n saves it: only of a request that it accepted.
    if (response.statusCode < 300) Object.assign(staticData, copy);
    if (request.isOpen === true) open.push(response);
    else response.emit('close');
    const message = (webhookResponse as { message: string } | undefined)?.message ?? response.message;
    return { status: response.statusCode, message, items: workflowData?.[0] ?? null };
  };
  return { staticData, receive, close: () => open.forEach((response) => response.emit('close')) };
}

class FakeResponse extends EventEmitter {
  statusCode = 200;
  message: string | null = null;
  readonly writableFinished = true;

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  json({ message }: { message: string }): void {
    this.message = message;
  }
}

const DEFAULTS: IDataObject = Object.fromEntries(
  new WanImageTrigger().description.properties.map(({ name, default: value }) => [name, value as IDataObject]),
);

export const RECORD = {
  id: '019ab2c4-0000-7000-8000-000000000001',
  object: 'generation',
  state: 'succeeded',
  outcome: 'billed',
  model: 'wan2.7-image-pro',
  prompt: '一间花店',
  tags: ['shop', '春天'],
  error: null,
  note: null,
  created_at: '2026-11-28T07:59:00.000Z',
  images: [
    {
      id: '019ab2c4-0000-7000-8000-000000000001-0',
      object: 'image',
      index: 0,
      state: 'stored',
      url: 'https://history.example.com/images/019ab2c4-0000-7000-8000-000000000001-0?sig=x',
      width: 1024,
      height: 1024,
      mime_type: 'image/png',
      favorite: false,
    },
  ],
};

export function eventOf(type: string, data: object = RECORD): string {
  return JSON.stringify({ type, timestamp: '2026-11-28T08:00:00.000Z', data });
}

export const SUCCEEDED = eventOf('generation.succeeded');

/** A request of the trigger to the history service. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body: IDataObject | undefined;
}

export interface ApiResponse {
  readonly status?: number;
  readonly headers?: IDataObject;
  readonly body?: unknown;
}

export interface Activation {
  readonly staticData: IDataObject;
  readonly requests: readonly ApiRequest[];
  readonly call: (method: 'checkExists' | 'create' | 'delete') => Promise<boolean>;
}

interface ActivationOptions {
  readonly staticData?: IDataObject;
  readonly parameters?: IDataObject;
  readonly credential?: IDataObject;
  readonly url?: string;
  readonly workflowId?: string;
  readonly respond: (request: ApiRequest) => ApiResponse;
}

/** The lifecycle of the webhook, with a fake history service. */
export function activation({ staticData = {}, respond, ...options }: ActivationOptions): Activation {
  const requests: ApiRequest[] = [];
  const { baseUrl, apiKey } = { baseUrl: 'https://history.example.com', apiKey: API_KEY, ...options.credential };
  const host = {
    getWorkflowStaticData: () => staticData,
    getNodeWebhookUrl: () => options.url ?? URL_OF_N8N,
    getNodeParameter: (name: string, fallback: unknown) => options.parameters?.[name] ?? DEFAULTS[name] ?? fallback,
    getNode: () => NODE,
    getWorkflow: () => ({ id: options.workflowId ?? 'w1', name: 'Files', active: true }),
    getCredentials: async () => ({ baseUrl, apiKey }),
    helpers: {
      async httpRequestWithAuthentication(_type: string, sent: { method: string; url: string; body?: IDataObject }) {
        const request = {
          method: sent.method,
          path: sent.url.replace('https://history.example.com', ''),
          body: sent.body,
        };
        requests.push(request);
        const { status = 200, headers = { 'wan-image-history': '0.1.0' }, body = {} } = respond(request);
        return { statusCode: status, headers, body };
      },
    },
  } as unknown as IHookFunctions;
  const methods = new WanImageTrigger().webhookMethods.default;
  return { staticData, requests, call: (method) => methods[method].call(host) };
}
