import {
  parseClientRequest,
  parseGenerationRequest,
  PARAMETERS,
  type ClientRequest,
  type GenerationRequest,
} from './generation-request.ts';
import { invalid, type Parsed } from './parsed.ts';

/** A request that satisfies the contract, as a server accepts it. */
export interface AcceptedRequest<Request extends ClientRequest = ClientRequest> {
  readonly request: Request;
  /** Parameters beyond the contract. They are sent upstream unchanged. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Names of the parameters that are not sent upstream. */
  readonly dropped: readonly string[];
}

/** Parameters of OpenAI's own models, which this model does not have (ruling 11). */
const OPENAI_ONLY_PARAMETERS: ReadonlySet<string> = new Set([
  'quality',
  'style',
  'background',
  'moderation',
  'output_format',
  'output_compression',
  'user',
  'partial_images',
  'stream',
]);

/**
 * Parses a request body as a server does (ruling 11): null means absent, OpenAI-only parameters are dropped, unknown parameters are
 * passed on, `stream: true` is refused. Everything else follows {@link parseGenerationRequest}.
 */
export function acceptRequest(body: unknown): Parsed<AcceptedRequest<GenerationRequest>> {
  return acceptWith(parseGenerationRequest, body);
}

/** Like {@link acceptRequest}, for a body whose `image` may hold an `InputImage` or a `RefusedImage` in place of a data URI. */
export function acceptRequestWithImages(body: unknown): Parsed<AcceptedRequest> {
  return acceptWith(parseClientRequest, body);
}

function acceptWith<Request extends ClientRequest>(
  parse: (input: unknown) => Parsed<Request>,
  body: unknown,
): Parsed<AcceptedRequest<Request>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return withRest(parse(body), {}, []);
  const entries = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  const isDropped = (name: string): boolean => OPENAI_ONLY_PARAMETERS.has(name);
  const fields = Object.fromEntries(entries.filter(([name]) => PARAMETERS.includes(name)));
  const extra = Object.fromEntries(entries.filter(([name]) => !PARAMETERS.includes(name) && !isDropped(name)));
  const dropped = entries.map(([name]) => name).filter(isDropped);
  const stream = entries.find(([name]) => name === 'stream')?.[1];
  if (stream !== undefined && stream !== false) return invalid('stream', STREAM_PROBLEM);
  return withRest(parse(fields), extra, dropped);
}

const STREAM_PROBLEM = 'stream must be false: responses contain complete images. Omit stream.';

function withRest<Request extends ClientRequest>(
  result: Parsed<Request>,
  extra: Record<string, unknown>,
  dropped: string[],
): Parsed<AcceptedRequest<Request>> {
  if (!result.ok) return result;
  return { ok: true, value: { request: result.value, extra, dropped } };
}
