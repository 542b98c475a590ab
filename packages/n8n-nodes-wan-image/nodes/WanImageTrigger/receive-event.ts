import type { WebhookEvent } from '@wan-image/core/portable';
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { itemOf, passes, type Filters } from './events.ts';
import { ReceivedEvents } from './received-events.ts';
import { registrationIn, UNSIGNED } from './registration.ts';
import { isSigned, type SignedRequest } from './signature.ts';

/** Of all workflows of this process. */
const receivedEvents = new ReceivedEvents();

/** Starts the workflow for an event that is signed, wanted and new. Any response but a 2xx makes the service send it again. */
export async function receiveEvent(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const staticData = context.getWorkflowStaticData('node');
  const registration = registrationIn(staticData);
  const request = signedRequestOf(context);
  if (registration === null || !(await isSigned(request, registration.secret, Date.now()))) {
    return refuse(context, 401, UNSIGNED);
  }
  const event = JSON.parse(Buffer.from(request.body).toString()) as WebhookEvent;
  if (event.type === 'webhook.test') return accept('This webhook works. A test does not start the workflow.');
  const wanted = context.getNodeParameter('events', []) as readonly string[];
  if (!wanted.includes(event.type)) return accept(`Ignored: ${event.type} is none of the events of the trigger.`);
  const filters = context.getNodeParameter('filters', {}) as Filters;
  if (!passes(event.data, filters)) return accept('Ignored: the generation does not pass the filters of the trigger.');

  const claim = receivedEvents.claim(staticData, registration.webhookId, request.id);
  if (claim === 'received') return accept('Ignored: this event was received before.');
  if (claim === 'in_flight') return refuse(context, 409, 'Another request with this event is in flight.');
  const response = context.getResponseObject();
  response.once('close', () => {
    const isAccepted = response.writableFinished && response.statusCode < 300;
    receivedEvents.end(registration.webhookId, request.id, isAccepted);
  });
  void receivedEvents.persist(staticData, registration.webhookId, request.id);
  const isSimple = context.getNodeParameter('simplify', true) === true;
  return { workflowData: [[{ json: itemOf(event, request.id, isSimple) }]] };
}

function signedRequestOf(context: IWebhookFunctions): SignedRequest {
  const headers = context.getHeaderData();
  const header = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : '';
  };
  // Undefined without a body, and of a form with files.
  const body = context.getRequestObject().rawBody as Buffer | undefined;
  return {
    id: header('webhook-id'),
    timestamp: header('webhook-timestamp'),
    signature: header('webhook-signature'),
    body: body ?? Buffer.alloc(0),
  };
}

/** The service shows the beginning of the response to whoever looks at its deliveries. */
function accept(message: string): IWebhookResponseData {
  return { webhookResponse: { message } };
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
  context.getResponseObject().status(status).json({ message });
  return { noWebhookResponse: true };
}
