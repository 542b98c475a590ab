import { parseClientRequest, PARAMETERS } from '../contract/generation-request.ts';
import type { GenerationParameters } from '../contract/request-types.ts';
import type { Problem } from '../contract/problem.ts';
import { messageOf } from '../errors/safe-cause.ts';
import { isWanImageError, WanImageError } from '../errors/wan-image-error.ts';
import { portableBase64 } from '../images/base64-codec.ts';
import type { RequestBody } from '../transport/transport.ts';
import type { ConnectionOptions } from './client-options.ts';
import { prepareImages, type ImageInput } from './input-images.ts';
import { generationBody, type BodyRequest } from './request-body.ts';

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

/**
 * What a rerun changes of the request of the earlier generation. What is absent stays as it was; null asks for the default. The service
 * checks the whole.
 */
export interface RerunOverrides {
  /** Another model. */
  readonly model?: GenerateRequest['model'] | null | undefined;
  /** Another prompt, of 1 to 5000 characters. */
  readonly prompt?: string | null | undefined;
  /** Another number of images. Each is billed. */
  readonly n?: number | null | undefined;
  /** Another size: a preset, or `{width}x{height}` in pixels. */
  readonly size?: GenerateRequest['size'] | null | undefined;
  /** Whether the images are a set (组图). */
  readonly enable_sequential?: boolean | null | undefined;
  /** Whether the model reasons first. */
  readonly thinking_mode?: boolean | null | undefined;
  /** Whether the images get a watermark. */
  readonly watermark?: boolean | null | undefined;
  /** Another seed; null for none. */
  readonly seed?: number | null | undefined;
  /** What the response has of each image. Of no effect here: the record has URLs. */
  readonly response_format?: GenerateRequest['response_format'] | null | undefined;
  /** Other images to edit, in any form that a request takes; null for a request without images. */
  readonly image?: GenerateRequest['image'] | null | undefined;
  /** Other fields to change: parameters of the vendor, `user`, `metadata`. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** A request that is ready to be sent. */
export interface PreparedRequest {
  readonly request: BodyRequest & { readonly response_format?: string | null | undefined };
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Every failure in here happens before anything is sent. */
export async function prepareBody(
  options: ConnectionOptions,
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
      { cause, secrets: [options.apiKey ?? ''] },
    );
  }
}

/** Checks a request against the contract. Images are read as far as that requires. */
export async function prepareRequest(
  { extra = {}, ...input }: GenerateRequest,
  options: Pick<ConnectionOptions, 'clock'>,
): Promise<PreparedRequest> {
  const image = await checkedImage(input.image, extra, [], options);
  const result = parseClientRequest(image === undefined ? input : { ...input, image });
  if (result.ok) return { request: result.value, extra };
  throw invalid(result.problems);
}

/** Checks names and images of what a rerun changes. Its values are judged by the service, which has the rest of the request. */
export async function prepareOverrides(
  { extra = {}, ...overrides }: RerunOverrides,
  options: Pick<ConnectionOptions, 'clock'>,
): Promise<PreparedRequest> {
  const unknown = Object.keys(overrides).filter((name) => !PARAMETERS.includes(name));
  const image = await checkedImage(overrides.image, extra, unknown.map(unknownProblem), options);
  // Its form is checked where it is known whether the request is an edit.
  return { request: { ...overrides, image: image as BodyRequest['image'] }, extra };
}

/** The images in the form in which they are sent. */
async function checkedImage(
  input: unknown,
  extra: object,
  problems: readonly Problem[],
  { clock }: Pick<ConnectionOptions, 'clock'>,
): Promise<unknown> {
  const prepared = await prepareImages(input, () => clock.sleep(0, new AbortController().signal));
  const misplaced = Object.keys(extra).filter((name) => PARAMETERS.includes(name));
  const found = [...problems, ...prepared.problems, ...misplaced.map(misplacedProblem)];
  if (found.length > 0) throw invalid(found);
  return prepared.image;
}

/** It would be sent upstream as a parameter that nobody knows, and paid for. */
function unknownProblem(name: string): Problem {
  const known = PARAMETERS.join(', ');
  return { param: name, message: `Unknown parameter "${name}". Known parameters: ${known}; others belong into extra.` };
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
