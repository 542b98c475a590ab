import { referenceOf, referenceProblems, type ClientReference } from './client-reference.ts';
import { describeValue } from './describe-value.ts';
import { parseClientRequest, parseGenerationRequest, PARAMETERS } from './generation-request.ts';
import type { ClientRequest, GenerationRequest } from './request-types.ts';
import { misplacedImageProblem } from './misplaced-image.ts';
import type { Parsed } from './parsed.ts';
import type { Problem } from './problem.ts';

/** A request that satisfies the contract, as a server accepts it. */
export interface AcceptedRequest<Request extends ClientRequest = ClientRequest> {
  /** The parameters of the contract, with the defaults that affect the price. */
  readonly request: Request;
  /** Parameters beyond the contract. They are sent upstream unchanged. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Names of the parameters that are not sent upstream. */
  readonly dropped: readonly string[];
}

/** A body that satisfies the contract, with what of it concerns the server alone. */
export interface AcceptedBody<Request extends ClientRequest = ClientRequest>
  extends AcceptedRequest<Request>, ClientReference {
  /** Whether the response is to be a stream of events. The upstream gets a plain request. */
  readonly stream: boolean;
}

/** Parameters of OpenAI's own models, which this model does not have (ruling 11). */
const OPENAI_ONLY_PARAMETERS: ReadonlySet<string> = new Set([
  'quality',
  'style',
  'background',
  'moderation',
  'output_format',
  'output_compression',
  'partial_images',
  'input_fidelity',
]);

/** A body may have thousands of unknown parameters: an error names the first of those at fault. */
const MAX_NAMED = 5;

/** Parameters that the server uses itself. */
const SERVER_PARAMETERS: ReadonlySet<string> = new Set(['stream', 'user', 'metadata']);

/**
 * Parses a request body as a server does: null means absent, OpenAI-only parameters are dropped, images under other names
 * than `image` are refused, unknown parameters are passed on. Everything else follows {@link parseGenerationRequest}.
 */
export function acceptRequest(body: unknown): Parsed<AcceptedBody<GenerationRequest>> {
  return acceptWith(parseGenerationRequest, body);
}

/** Like {@link acceptRequest}, for a body whose `image` may hold an `InputImage` or a `RefusedImage` in place of a data URI. */
export function acceptRequestWithImages(body: unknown): Parsed<AcceptedBody> {
  return acceptWith(parseClientRequest, body);
}

function acceptWith<Request extends ClientRequest>(
  parse: (input: unknown) => Parsed<Request>,
  body: unknown,
): Parsed<AcceptedBody<Request>> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const entries = isObject ? Object.entries(body).filter(([, value]) => value !== null && value !== undefined) : [];
  const { stream, user, metadata }: Readonly<Record<string, unknown>> = Object.fromEntries(entries);
  const extra = entries.filter(([name]) => isUnknown(name));
  const parsed = parse(isObject ? Object.fromEntries(entries.filter(([name]) => PARAMETERS.includes(name))) : body);
  const problems = [
    ...extra.flatMap(([name, value]) => misplacedImageProblem(name, value) ?? []).slice(0, MAX_NAMED),
    ...(parsed.ok ? [] : parsed.problems),
    ...referenceProblems(user, metadata),
    ...(stream === undefined || typeof stream === 'boolean' ? [] : [streamProblem(stream)]),
  ];
  if (!parsed.ok || problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: {
      request: parsed.value,
      extra: Object.fromEntries(extra),
      dropped: entries.map(([name]) => name).filter((name) => OPENAI_ONLY_PARAMETERS.has(name)),
      stream: stream === true,
      ...referenceOf(user, metadata),
    },
  };
}

function isUnknown(name: string): boolean {
  return !PARAMETERS.includes(name) && !OPENAI_ONLY_PARAMETERS.has(name) && !SERVER_PARAMETERS.has(name);
}

function streamProblem(stream: unknown): Problem {
  return { param: 'stream', message: `stream must be true or false, got ${describeValue(stream)}.` };
}
