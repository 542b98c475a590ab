import {
  parseClientRequest,
  parseGenerationRequest,
  PARAMETERS,
  type ClientRequest,
  type GenerationRequest,
} from './generation-request.ts';
import { invalid, type Parsed } from './parsed.ts';

/** A request as a server of the contract has accepted it. */
export interface AcceptedRequest<Request extends ClientRequest = ClientRequest> {
  readonly request: Request;
  /** Parameters beyond the contract, which go upstream as they are. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Names of the parameters that do not go upstream. */
  readonly dropped: readonly string[];
}

/** Parameters that only OpenAI's own models know (ruling 11). */
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
 * Reads a body as a server takes it (ruling 11): null means absent, OpenAI-only parameters are dropped,
 * unknown ones pass on, a stream is refused. The rest is the contract's own schema.
 */
export function acceptRequest(body: unknown): Parsed<AcceptedRequest<GenerationRequest>> {
  return acceptedBy(parseGenerationRequest, body);
}

/** Like {@link acceptRequest}, of a body in whose `image` images that were judged before stand in place of their text. */
export function acceptRequestWithImages(body: unknown): Parsed<AcceptedRequest> {
  return acceptedBy(parseClientRequest, body);
}

function acceptedBy<Request extends ClientRequest>(
  parse: (input: unknown) => Parsed<Request>,
  body: unknown,
): Parsed<AcceptedRequest<Request>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return withRest(parse(body), {}, []);
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  const isDropped = (name: string): boolean => OPENAI_ONLY_PARAMETERS.has(name);
  const fields = Object.fromEntries(given.filter(([name]) => PARAMETERS.includes(name)));
  const extra = Object.fromEntries(given.filter(([name]) => !PARAMETERS.includes(name) && !isDropped(name)));
  const dropped = given.map(([name]) => name).filter(isDropped);
  const stream = given.find(([name]) => name === 'stream')?.[1];
  if (stream !== undefined && stream !== false) return invalid('stream', STREAM_PROBLEM);
  return withRest(parse(fields), extra, dropped);
}

const STREAM_PROBLEM = 'stream must be false: this API answers once, with whole images. Leave stream out.';

function withRest<Request extends ClientRequest>(
  result: Parsed<Request>,
  extra: Record<string, unknown>,
  dropped: string[],
): Parsed<AcceptedRequest<Request>> {
  if (!result.ok) return result;
  return { ok: true, value: { request: result.value, extra, dropped } };
}
