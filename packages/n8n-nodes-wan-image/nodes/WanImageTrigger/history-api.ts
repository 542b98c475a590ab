import type { WebhookDelivery, WebhookEventType, WebhookRecord, WebhookWithSecret } from '@wan-image/core/portable';
import { NodeOperationError } from 'n8n-workflow';
import type { IHookFunctions, IN8nHttpFullResponse } from 'n8n-workflow';
import { connectionAdvice } from '../WanImage/errors/connection-advice.ts';

const CREDENTIAL = 'wanImageApi';

/** Every response of a history service has it. */
const VERSION_HEADER = 'wan-image-history';

/** A test of a webhook takes up to 20 seconds. */
const TIMEOUT_MS = 30_000;

const MAX_MESSAGE_CHARACTERS = 500;

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a webhook is created with. */
export interface WebhookSettings {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  readonly description: string;
  readonly enabled: true;
}

/** A response, if it is not an error. */
interface Found {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The webhooks of a history service. These few lines instead of the client of core: the context of an activation is another one than
 * that of an execution, and each kilobyte counts in a package of at most 300. n8n shows only the message of an error of an activation, so
 * that has the remedy too.
 */
export class HistoryApi {
  readonly #host: IHookFunctions;

  constructor(host: IHookFunctions) {
    this.#host = host;
  }

  async list(): Promise<readonly WebhookRecord[]> {
    // All: a project has at most 20.
    const { body } = await this.#send('GET', '?limit=100');
    return (body as { data: WebhookRecord[] }).data;
  }

  /** Null where there is none. */
  async find(id: string): Promise<WebhookRecord | null> {
    const { status, body } = await this.#send('GET', pathOf(id), undefined, [404]);
    return status === 404 ? null : (body as WebhookRecord);
  }

  async create(settings: WebhookSettings): Promise<WebhookWithSecret> {
    return (await this.#send('POST', '', settings)).body as WebhookWithSecret;
  }

  async update(id: string, settings: WebhookSettings): Promise<void> {
    await this.#send('PATCH', pathOf(id), settings);
  }

  async rotateSecret(id: string): Promise<WebhookWithSecret> {
    return (await this.#send('POST', pathOf(id, '/rotate'), {})).body as WebhookWithSecret;
  }

  /** Sends a test event, and tells what came of it. */
  async test(id: string): Promise<WebhookDelivery> {
    return (await this.#send('POST', pathOf(id, '/test'), {})).body as WebhookDelivery;
  }

  /** Also succeeds if there is none. */
  async delete(id: string): Promise<void> {
    await this.#send('DELETE', pathOf(id), undefined, [404]);
  }

  /** Without retries: a second POST could make a second webhook, and n8n itself tries an activation again. */
  async #send(method: Method, path: string, body?: object, accepted: readonly number[] = []): Promise<Found> {
    const { baseUrl, apiKey } = await this.#host.getCredentials<{ baseUrl?: unknown; apiKey?: unknown }>(CREDENTIAL);
    const url = `${originOf(this.#host, baseUrl)}/v1/webhooks${path}`;
    const options = {
      method,
      url,
      ...(body === undefined ? {} : { body }),
      json: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      disableFollowRedirect: true,
      timeout: TIMEOUT_MS,
    };
    let response: IN8nHttpFullResponse;
    try {
      response = (await this.#host.helpers.httpRequestWithAuthentication.call(
        this.#host,
        CREDENTIAL,
        options,
      )) as IN8nHttpFullResponse;
    } catch (error) {
      const reason = reasonOf(error);
      const advice = connectionAdvice(reason) ?? 'Check the Base URL in the credential.';
      throw failure(this.#host, withoutKey(`The history service cannot be reached: ${reason}. ${advice}`, apiKey));
    }
    const { statusCode: status, headers } = response;
    const isHistory = VERSION_HEADER in headers;
    if (isHistory && (status < 300 || accepted.includes(status))) return { status, body: response.body };
    throw failure(this.#host, withoutKey(problemOf(response, isHistory, urlIn(body)), apiKey));
  }
}

/** An error that n8n shows as it is. Its constructor replaces a message with the name of a system error, so that is set again. */
export function failure(host: IHookFunctions, message: string): NodeOperationError {
  const error = new NodeOperationError(host.getNode(), message);
  error.message = message;
  return error;
}

/** n8n replaces the message of a failed request; the one with the reason is that of the innermost cause. */
function reasonOf(error: unknown): string {
  let innermost: unknown = error;
  for (let depth = 0; depth < 10 && innermost instanceof Error && innermost.cause instanceof Error; depth++) {
    innermost = innermost.cause;
  }
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** The setting of the history service, which its error names. */
const PRIVATE_HOSTS = 'WEBHOOK_PRIVATE_HOSTS';

function problemOf({ statusCode: status, body }: IN8nHttpFullResponse, isHistory: boolean, url: string | null): string {
  const { message, code } = errorIn(body);
  const said = message === '' ? '' : ` It says: ${message}`;
  if (code === 'insufficient_scope') {
    return 'The API key of the credential lacks the scope "manage", which this trigger needs to register its webhook. Create a key with that scope at the history service, and enter it in the credential.';
  }
  if (status === 401) {
    return `The service rejected the API key of the credential (401). Check the key and the Base URL.${said}`;
  }
  if (!isHistory) {
    return `No history service at the Base URL of the credential (${status}): only a history service sends events. Run one (https://github.com/wan-image/wan-image#readme), and enter its URL and a key with the scope "manage" in the credential.`;
  }
  if (message.includes(PRIVATE_HOSTS) && url !== null) {
    return `The history service may not send events to this n8n: ${new URL(url).host} is not on the public internet. Set ${PRIVATE_HOSTS}=true at the history service and restart it; or, if this n8n has a public address, set it as WEBHOOK_URL of n8n.`;
  }
  if (status === 404) return 'This history service has no webhooks (404): update it to the version of this node.';
  return `The history service refused to register the webhook (${status}).${said}`;
}

/** The URL that a request wants to register. */
function urlIn(body: object | undefined): string | null {
  return body !== undefined && 'url' in body && typeof body.url === 'string' ? body.url : null;
}

/** Of a body in the form of the API; else empty. */
function errorIn(body: unknown): { readonly message: string; readonly code: string } {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: unknown };
  const { message, code } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const text = typeof message === 'string' ? message : '';
  return { message: text.slice(0, MAX_MESSAGE_CHARACTERS), code: typeof code === 'string' ? code : '' };
}

/** A service may quote the key that it rejects. */
function withoutKey(message: string, apiKey: unknown): string {
  const key = typeof apiKey === 'string' ? apiKey.trim() : '';
  return key.length < 8 ? message : message.replaceAll(key, '…');
}

/** With or without /v1 at the end, as in the other node. */
function originOf(host: IHookFunctions, baseUrl: unknown): string {
  const text = typeof baseUrl === 'string' ? baseUrl.trim() : '';
  if (!/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i.test(text) || !URL.canParse(text)) {
    throw failure(host, 'Base URL must be a URL such as "http://history.internal:3000": correct it in the credential.');
  }
  const path = new URL(text).pathname.split('/').filter((part) => part !== '');
  if (path.at(-1) === 'v1') path.pop();
  return [new URL(text).origin, ...path].join('/');
}

function pathOf(id: string, rest = ''): string {
  return `/${encodeURIComponent(id)}${rest}`;
}
