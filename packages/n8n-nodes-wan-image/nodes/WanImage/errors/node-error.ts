import { isWanImageError, type ErrorKind, type ErrorRemedy, type WanImageError } from '@wan-image/core/portable';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';
import { AFTER_ANOTHER_REQUEST, isAfterAnotherRequest } from './another-request.ts';
import { connectionAdvice } from './connection-advice.ts';
import { fieldMessage, inputOf, type FieldContext } from './field-message.ts';

export type NodeError = NodeApiError | NodeOperationError;

export interface ErrorContext extends FieldContext {
  readonly itemIndex?: number;
  /** Whether a language model reads the error. It sees only the message. */
  readonly isTool?: boolean;
}

const GET_LATER =
  'Do not run this again: the operation Get of the resource Generation returns it later by its ID, and Download Images its files.';

const FIND_REQUEST = 'Look for the request in the console of the service, or in your history service,';

/** What the user of n8n can do about each kind of error. */
const ADVICE: Readonly<Record<ErrorKind, string>> = {
  invalid_request: 'Nothing was sent, so nothing was billed.',
  refused: 'Nothing was billed.',
  authentication: 'Nothing was billed. Check the API Key and the Base URL in the credential.',
  content_refused: 'Nothing was billed.',
  out_of_credit: 'Nothing was billed.',
  rate_limited: 'Nothing was billed. Wait, lower the Concurrency option or raise Maximum Retries.',
  connection_failed: 'Nothing was billed. Check the Base URL in the credential.',
  connection_lost: `${FIND_REQUEST} before you run this again.`,
  timed_out: `The service may still have generated the images. ${FIND_REQUEST} before you run this again.`,
  canceled: 'The service may still have generated the images.',
  server_failed: `${FIND_REQUEST} before you run this again.`,
  unreadable_response: 'Check that the Base URL in the credential is that of a service with this API.',
  download_failed: 'The image is billed; its URL is in the error.',
  sink_failed: 'The images are billed. Check the binary data storage of n8n.',
};

/** What to set in the node. It has other settings than the client, whose options the error's own message names. */
const REMEDIES: Readonly<Record<ErrorRemedy, string | null>> = {
  allow_private_hosts:
    'The service keeps its images on a private host: add that host to Image Hosts in the credential, or choose Binary or URL as the Output.',
  raise_max_image_bytes: 'The image is larger than this node can store: choose URL as the Output.',
  raise_timeout: 'To wait longer, raise the Timeout option.',
  // The statement of `connection_failed` says it.
  check_base_url: null,
  raise_idle_timeout: 'The connection was idle for too long: check the service and the network.',
};

/** Any failure as n8n shows errors: the field or the service, the item, and what to do. */
export function toNodeError(node: INode, error: unknown, context: ErrorContext): NodeError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) return located(error, context);
  if (!isWanImageError(error)) return located(new NodeOperationError(node, asError(error)), context);
  const itemIndex = inputOf(error, context)?.item ?? context.itemIndex;
  const index = itemIndex === undefined ? {} : { itemIndex };
  const description = descriptionOf(error);
  const isInvalid = error.kind === 'invalid_request';
  const isOfField = isInvalid || (context.labels !== undefined && error.kind === 'refused');
  const message = isOfField ? fieldMessage(error, context) : error.summary;
  const nodeError = isInvalid
    ? new NodeOperationError(node, message, { ...index, description })
    : new NodeApiError(node, responseOf(error), {
        ...index,
        message,
        description,
        ...(error.status === null ? {} : { httpCode: String(error.status) }),
        ...failureOf(error),
      });
  return withMessage(nodeError, message, context);
}

function descriptionOf(error: WanImageError): string {
  const { remedy, requestId, outcome, attempts, summary } = error;
  return [
    statementOf(error),
    ...[remedy && REMEDIES[remedy]].filter((words) => words !== null),
    ...(outcome === 'unknown' && attempts > 1 ? [`${attempts} requests were sent in all.`] : []),
    // A history service quotes the request id of its upstream, by which an invoice has it. A second id would only confuse.
    ...(requestId === null || /request id: /i.test(summary) ? [] : [`Request ID: ${requestId}.`]),
  ].join(' ');
}

/** The outcome decides where a kind has several: a timeout while connecting is not billed, one of a download is of a billed image. */
function statementOf({ kind, outcome, remedy, summary, headers, code }: WanImageError): string {
  if (isAfterAnotherRequest({ code })) return AFTER_ANOTHER_REQUEST;
  if (kind === 'connection_failed') {
    const advice = connectionAdvice(summary);
    if (advice !== null) return `Nothing was billed. ${advice}`;
  }
  if (remedy !== null && outcome === 'billed') return 'The image is billed.';
  // A history service goes on with what is not awaited any more.
  if (kind === 'timed_out' && headers['x-generation-id'] !== undefined) return GET_LATER;
  const isStopped = kind === 'timed_out' || kind === 'canceled';
  return isStopped && outcome === 'not_billed' ? 'Nothing was billed.' : ADVICE[kind];
}

/** Adds the item to an error that was thrown without one. */
function located(error: NodeError, context: ErrorContext): NodeError {
  error.context['itemIndex'] ??= context.itemIndex;
  return withMessage(error, error.message, context);
}

/**
 * Sets the message again, because n8n's constructors replace a message that contains the name of a system error. For ECONNRESET
 * they say "You can retry the request immediately", which is wrong for a request that may have been billed.
 */
function withMessage(error: NodeError, message: string, { isTool = false }: ErrorContext): NodeError {
  const { itemIndex } = error.context as { readonly itemIndex?: number };
  error.message = isTool ? withDescription(message, error.description) : withItem(message, itemIndex);
  return error;
}

function withDescription(message: string, description: string | null | undefined): string {
  if (!description || message.endsWith(description)) return message;
  return `${/[.!?]$/.test(message) ? message : `${message}.`} ${description}`;
}

/** In n8n's own notation, which it adds to the messages that it writes itself. */
function withItem(message: string, itemIndex: number | undefined): string {
  const suffix = `[item ${itemIndex}]`;
  return itemIndex === undefined || message.endsWith(suffix) ? message : `${message} ${suffix}`;
}

/** The facts that the item of a failed generation holds. */
export function factsOf({
  errorResponse,
}: NodeError): Partial<Record<'kind' | 'outcome' | 'request_id', string | null>> {
  const { kind, outcome, request_id } = (errorResponse ?? {}) as Partial<
    Record<'kind' | 'outcome' | 'request_id', string>
  >;
  return { kind: kind ?? 'invalid_request', outcome: outcome ?? 'not_billed', request_id: request_id ?? null };
}

/** n8n shows and stores all of this, so it has neither `cause` nor headers. */
function responseOf({ kind, outcome, type, code, param, requestId, attempts, headers }: WanImageError): JsonObject {
  const id = headers['x-generation-id'];
  const generation = id === undefined ? {} : { generation_id: id };
  return { kind, outcome, type, code, param, request_id: requestId, attempts, ...generation };
}

function failureOf({
  kind,
  retryAfterMs,
}: WanImageError): Pick<NonNullable<ConstructorParameters<typeof NodeApiError>[2]>, 'failure'> {
  const wait = retryAfterMs === null ? {} : { retryAfterMs };
  if (kind === 'rate_limited') return { failure: { cause: 'rate-limited', ...wait } };
  if (kind === 'out_of_credit') return { failure: { cause: 'quota-exhausted', ...wait } };
  if (kind === 'authentication') return { failure: { cause: 'credential-invalid' } };
  return {};
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
