import { parseClientRequest, PARAMETERS } from '../contract/generation-request.ts';
import type { ClientRequest, GenerationParameters, GenerationRequest } from '../contract/request-types.ts';
import type { Problem } from '../contract/problem.ts';
import { messageOf } from '../errors/safe-cause.ts';
import { isWanImageError, WanImageError } from '../errors/wan-image-error.ts';
import { portableBase64 } from '../images/base64-codec.ts';
import type { RequestBody } from '../transport/transport.ts';
import type { PortableClientOptions } from './client-options.ts';
import { prepareImages, type ImageInput } from './input-images.ts';
import { generationBody } from './request-body.ts';

/** A request of the contract, with images in any form, and parameters of the vendor beyond it in `extra`. With `image` it is an edit. */
export interface GenerateRequest extends GenerationParameters {
  /**
   * Images to edit, in the order that the prompt calls 图1, 图2: one, or a list of 1 to 9. Each is an http(s) URL, a data URI, or its bytes.
   * JPEG, PNG without alpha, BMP or WEBP; at most 20 MB, 240 to 8000 px a side, aspect ratio 1:8 to 8:1. Bytes and data URIs are checked
   * before anything is sent.
   */
  readonly image?: ImageInput | readonly ImageInput[] | undefined;
  /** Parameters of the vendor beyond the contract, sent unchanged. They cannot override a parameter of the contract. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** A request that the contract has accepted. */
export interface PreparedRequest {
  readonly request: GenerationRequest | ClientRequest;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Every failure in here happens before anything is sent. */
export async function prepareBody(
  options: PortableClientOptions,
  prepare: () => Promise<PreparedRequest>,
  needsBytes: boolean,
): Promise<RequestBody> {
  try {
    const { request, extra } = await prepare();
    if (needsBytes && request.response_format !== 'b64_json') throw invalid([SINK_WITHOUT_BYTES]);
    return generationBody(request, extra, options.base64 ?? portableBase64);
  } catch (cause) {
    if (isWanImageError(cause)) throw cause;
    throw new WanImageError(
      `The request could not be read: ${messageOf(cause)}. Nothing was sent.`,
      { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed' },
      { cause, secrets: [options.apiKey] },
    );
  }
}

/** Checks a request against the contract. Images are read as far as that requires. */
export async function prepareRequest(
  { extra = {}, ...input }: GenerateRequest,
  { clock }: Pick<PortableClientOptions, 'clock'>,
): Promise<PreparedRequest> {
  const { image, problems } = await prepareImages(input.image, () => clock.sleep(0, new AbortController().signal));
  const misplaced = Object.keys(extra).filter((name) => PARAMETERS.includes(name));
  const found = [...problems, ...misplaced.map(misplacedProblem)];
  if (found.length > 0) throw invalid(found);
  const result = parseClientRequest(image === undefined ? input : { ...input, image });
  if (result.ok) return { request: result.value, extra };
  throw invalid(result.problems);
}

function misplacedProblem(name: string): Problem {
  return {
    param: `extra.${name}`,
    message: `extra.${name} is a parameter of the contract: pass it next to extra, not inside it.`,
  };
}

const SINK_WITHOUT_BYTES: Problem = {
  param: 'sink',
  message: 'sink requires response_format "b64_json".',
};

function invalid(problems: readonly Problem[]): WanImageError {
  return new WanImageError(problems.map(({ message }) => message).join(' '), {
    kind: 'invalid_request',
    fault: 'caller',
    outcome: 'not_billed',
    param: problems[0]?.param ?? null,
  });
}
