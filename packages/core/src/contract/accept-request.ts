import { parseGenerationRequest, PARAMETERS, type GenerationRequest } from './generation-request.ts';
import type { Problem } from './problem.ts';

/** A request as a server of the contract has accepted it. */
export interface AcceptedRequest {
  readonly request: GenerationRequest;
  /** Parameters beyond the contract, which go upstream as they are. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Names of the parameters that do not go upstream. */
  readonly dropped: readonly string[];
}

export type AcceptResult =
  | { readonly ok: true; readonly accepted: AcceptedRequest }
  | { readonly ok: false; readonly problems: readonly Problem[] };

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
export function acceptRequest(body: unknown): AcceptResult {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return parsed(parseGenerationRequest(body), {}, []);
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  const isDropped = (name: string): boolean => OPENAI_ONLY_PARAMETERS.has(name);
  const fields = Object.fromEntries(given.filter(([name]) => PARAMETERS.includes(name)));
  const extra = Object.fromEntries(given.filter(([name]) => !PARAMETERS.includes(name) && !isDropped(name)));
  const dropped = given.map(([name]) => name).filter(isDropped);
  const stream = given.find(([name]) => name === 'stream')?.[1];
  if (stream !== undefined && stream !== false) return { ok: false, problems: [STREAM_PROBLEM] };
  return parsed(parseGenerationRequest(fields), extra, dropped);
}

const STREAM_PROBLEM: Problem = {
  param: 'stream',
  message: 'stream must be false: this API answers once, with whole pictures. Leave stream out.',
};

function parsed(
  result: ReturnType<typeof parseGenerationRequest>,
  extra: Record<string, unknown>,
  dropped: string[],
): AcceptResult {
  if (!result.ok) return result;
  return { ok: true, accepted: { request: result.request, extra, dropped } };
}
