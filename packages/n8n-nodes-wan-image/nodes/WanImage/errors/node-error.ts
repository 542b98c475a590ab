import { isWanImageError, type ErrorKind, type WanImageError } from '@wan-image/core/portable';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';

export type NodeError = NodeApiError | NodeOperationError;

export interface ErrorPlace {
  readonly itemIndex?: number;
  /** Where the input images came from, in their order. */
  readonly inputs?: readonly { readonly item: number; readonly label: string }[];
  /** Whether the number of images was that of a set, which is another field. */
  readonly isSet?: boolean;
  /** Whether a language model will read the error: it sees nothing but the message. */
  readonly isTool?: boolean;
}

/** The fields of the node by the contract's names for them. */
const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  model: 'Model',
  prompt: 'Prompt',
  image: 'Images',
  n: 'Number of Images',
  size: 'Size',
  enable_sequential: 'Image Set',
  thinking_mode: 'Thinking Mode',
  watermark: 'Watermark',
  seed: 'Seed',
  baseUrl: 'Base URL',
  apiKey: 'API Key',
};

const REMEDIES: Readonly<Record<ErrorKind, string>> = {
  invalid_request: 'Nothing was sent, so nothing was billed.',
  refused: 'Nothing was billed.',
  authentication: 'Nothing was billed. Check the API Key and the Base URL in the credential.',
  content_refused: 'Nothing was billed.',
  out_of_credit: 'Nothing was billed.',
  rate_limited: 'Nothing was billed. Wait, lower the Concurrency option or raise Maximum Retries.',
  connection_failed: 'Nothing was billed. Check the Base URL in the credential.',
  connection_lost:
    'Look for the request in the console of the service, or in your history service, before you run this again.',
  timed_out:
    'The service may have made the images all the same. Look for the request in its console, or in your history service, before you run this again; a larger Timeout option gives it more time.',
  canceled: 'The service may have made the images all the same.',
  server_failed:
    'Look for the request in the console of the service, or in your history service, before you run this again.',
  unreadable_response: 'Check that the Base URL in the credential leads to a service with this API.',
  download_failed:
    'The image is paid for; its URL stands in the error. Where the service keeps images in a private network, choose Binary or URL as the Output.',
  sink_failed: 'The images are paid for. n8n could not store them: check its storage.',
};

/** Whatever failed, as n8n shows errors: which field or service, which item, what to do. */
export function toNodeError(node: INode, error: unknown, place: ErrorPlace): NodeError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) return located(error, place);
  if (!isWanImageError(error)) return located(new NodeOperationError(node, asError(error)), place);
  const itemIndex = inputOf(error, place)?.item ?? place.itemIndex;
  const index = itemIndex === undefined ? {} : { itemIndex };
  const description = [REMEDIES[error.kind], requestIdIn(error)].join('');
  const message = messageOf(error, place);
  const made =
    error.kind === 'invalid_request'
      ? new NodeOperationError(node, message, { ...index, description })
      : new NodeApiError(node, responseOf(error), {
          ...index,
          message,
          description,
          ...(error.status === null ? {} : { httpCode: String(error.status) }),
          ...failureOf(error),
        });
  return worded(made, message, place);
}

/** With the place, where whoever threw it did not know that. */
function located(error: NodeError, place: ErrorPlace): NodeError {
  error.context['itemIndex'] ??= place.itemIndex;
  return worded(error, error.message, place);
}

/**
 * n8n puts words of its own in place of a message in which it finds the name of a system error, and of ECONNRESET it says "You can retry
 * the request immediately": of a request that may have been billed. So the message is set once more, with its item as n8n writes it.
 */
function worded(error: NodeError, message: string, { isTool = false }: ErrorPlace): NodeError {
  const { itemIndex } = error.context as { readonly itemIndex?: number };
  error.message = isTool ? withRemedy(message, error.description) : withItem(message, itemIndex);
  return error;
}

function withRemedy(message: string, remedy: string | null | undefined): string {
  if (!remedy || message.endsWith(remedy)) return message;
  return `${/[.!?]$/.test(message) ? message : `${message}.`} ${remedy}`;
}

function withItem(message: string, itemIndex: number | undefined): string {
  const place = `[item ${itemIndex}]`;
  return itemIndex === undefined || message.endsWith(place) ? message : `${message} ${place}`;
}

/** In the words of the panel: the field by its name there, and nothing about what only a program can set. */
function messageOf(error: WanImageError, place: ErrorPlace): string {
  const { kind, param } = error;
  const message = error.message
    .replace(' (set allowPrivateHosts if it may be asked)', '')
    .replace(': raise maxImageBytes', '');
  if (kind === 'sink_failed') return message.replace('the sink did not take', 'n8n could not store');
  if (kind !== 'invalid_request' || param === null) return message;
  const [name = ''] = param.split(/[.[\]]/);
  if (name === 'extra') return `Additional Parameters: ${param.slice(6)} is a field of this node, set it there.`;
  const field = displayNameOf(name, place);
  if (field === null) return message;
  const input = inputOf(error, place);
  const subject = input === null ? field : `${field}, ${input.label}`;
  const rest = message.startsWith(`${param} `) ? ` ${message.slice(param.length + 1)}` : `: ${message}`;
  return (
    subject +
    rest.replace(/\b(enable_sequential|response_format|thinking_mode)\b/g, (word) => DISPLAY_NAMES[word] ?? word)
  );
}

/** The input image that an error is about. */
function inputOf({ kind, param }: WanImageError, { inputs = [] }: ErrorPlace): { item: number; label: string } | null {
  const found = kind === 'invalid_request' ? /^image(?:\[(\d+)\])?$/.exec(param ?? '') : null;
  return found === null ? null : (inputs[Number(found[1] ?? 0)] ?? null);
}

function displayNameOf(name: string, { isSet = false }: ErrorPlace): string | null {
  return name === 'n' && isSet ? 'Maximum Images' : (DISPLAY_NAMES[name] ?? null);
}

function requestIdIn({ requestId }: WanImageError): string {
  return requestId === null ? '' : ` Request ID: ${requestId}.`;
}

/** What an item of a failed request says of it. */
export function factsOf({
  errorResponse,
}: NodeError): Partial<Record<'kind' | 'outcome' | 'request_id', string | null>> {
  const { kind, outcome, request_id } = (errorResponse ?? {}) as Partial<
    Record<'kind' | 'outcome' | 'request_id', string>
  >;
  return { kind: kind ?? 'invalid_request', outcome: outcome ?? 'not_billed', request_id: request_id ?? null };
}

/** Without `cause` and headers: what n8n shows and keeps of an error is what stands here. */
function responseOf({ kind, outcome, type, code, param, requestId, attempts }: WanImageError): JsonObject {
  return { kind, outcome, type, code, param, request_id: requestId, attempts };
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
