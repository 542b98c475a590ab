import type { WebhookDelivery, WebhookEventType, WebhookRecord } from '@wan-image/core/portable';
import type { IDataObject, IHookFunctions } from 'n8n-workflow';
import { failure, HistoryApi, type WebhookSettings } from './history-api.ts';

/** What the static data of the node keeps of its webhook. */
export interface Registration {
  readonly webhookId: string;
  readonly secret: string;
}

/** The response to a request without a valid signature. During an activation it shows that this n8n can be reached: see `checkReach`. */
export const UNSIGNED = 'The signature of this request is not valid for this Wan Image Trigger.';

const MAX_DESCRIPTION_CHARACTERS = 500;

export function registrationIn({ webhookId, secret }: IDataObject): Registration | null {
  return typeof webhookId === 'string' && typeof secret === 'string' ? { webhookId, secret } : null;
}

/**
 * Whether the webhook that the static data names is registered. What differs is corrected: a person may have changed it, n8n may have
 * another address, and the service disables a webhook that failed for days. n8n calls this at each start too.
 */
export async function isRegistered(host: IHookFunctions): Promise<boolean> {
  const staticData = host.getWorkflowStaticData('node');
  const registration = ownRegistration(host, staticData);
  const api = new HistoryApi(host);
  const webhook = registration === null ? null : await api.find(registration.webhookId);
  if (webhook === null) {
    forget(staticData);
    return false;
  }
  const settings = settingsOf(host);
  if (!isAsWanted(webhook, settings)) await api.update(webhook.id, settings);
  if (webhook.url !== settings.url) await checkReach(host, api, webhook.id);
  return true;
}

/**
 * Registers the webhook. One with the URL of this node is of an earlier activation whose end n8n did not save: its secret is lost, so it
 * gets another one, and its pending events arrive.
 */
export async function register(host: IHookFunctions): Promise<boolean> {
  const api = new HistoryApi(host);
  const settings = settingsOf(host);
  const existing = (await api.list()).find(({ url }) => url === settings.url);
  if (existing !== undefined) await api.update(existing.id, settings);
  const { id, secret } = existing === undefined ? await api.create(settings) : await api.rotateSecret(existing.id);
  await checkReach(host, api, id);
  const registration = { webhookId: id, secret, workflowId: host.getWorkflow().id };
  Object.assign(host.getWorkflowStaticData('node'), registration);
  return true;
}

/** The static data of a workflow may come with a copy of it: then it names the webhook of the other one. */
function ownRegistration(host: IHookFunctions, staticData: IDataObject): Registration | null {
  return staticData['workflowId'] === host.getWorkflow().id ? registrationIn(staticData) : null;
}

/** Removes the webhook. Without a registration, by its URL: that of an activation that failed. */
export async function unregister(host: IHookFunctions): Promise<boolean> {
  const staticData = host.getWorkflowStaticData('node');
  const api = new HistoryApi(host);
  const registration = ownRegistration(host, staticData);
  const ids =
    registration === null
      ? (await api.list()).filter(({ url }) => url === urlOf(host)).map(({ id }) => id)
      : [registration.webhookId];
  for (const id of ids) await api.delete(id);
  forget(staticData);
  return true;
}

/**
 * Sends a test event through the service, so that an address which it cannot reach is an error of the activation, and not silence. n8n
 * saves the secret only after the activation, so this node cannot verify the test yet, and its refusal is the proof.
 */
async function checkReach(host: IHookFunctions, api: HistoryApi, id: string): Promise<void> {
  const delivery = await api.test(id);
  if (isReached(delivery)) return;
  const url = urlOf(host);
  const container = /^(localhost|127\.|\[::1\])/.test(hostIn(url))
    ? ' For a service in a container, localhost is the container itself.'
    : '';
  throw failure(
    host,
    `The history service cannot reach this n8n at ${new URL(url).origin}: ${delivery.reason ?? 'no response.'}${container} Set WEBHOOK_URL of n8n to an address that the history service can reach.`,
  );
}

function isReached({ state, response_body: body }: WebhookDelivery): boolean {
  return state === 'delivered' || body?.includes(UNSIGNED) === true;
}

function settingsOf(host: IHookFunctions): WebhookSettings {
  const { name, id } = host.getWorkflow();
  const events = host.getNodeParameter('events', []) as WebhookEventType[];
  if (events.length === 0) throw failure(host, 'Events: choose at least one.');
  const description = `n8n: ${name ?? ''} (${id ?? ''}), ${host.getNode().name}`;
  return {
    url: urlOf(host),
    events: [...new Set(events)],
    description: Array.from(description).slice(0, MAX_DESCRIPTION_CHARACTERS).join(''),
    enabled: true,
  };
}

function isAsWanted(webhook: WebhookRecord, { url, events }: WebhookSettings): boolean {
  return webhook.enabled && webhook.url === url && webhook.events.toSorted().join() === events.toSorted().join();
}

function urlOf(host: IHookFunctions): string {
  const url = host.getNodeWebhookUrl('default');
  if (url === undefined) throw failure(host, 'n8n has no URL for this webhook: set WEBHOOK_URL of n8n.');
  return url;
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function forget(staticData: IDataObject): void {
  for (const name of Object.keys(staticData)) delete staticData[name];
}
