import * as z from 'zod/mini';
import { must, onlyKnown } from './field-messages.ts';
import { inputImageProblem } from './input-image-rules.ts';
import { InputImage } from './input-image.ts';
import {
  DEFAULT_SIZE,
  MAX_IMAGES,
  MAX_IMAGES_IN_SET,
  MAX_INPUT_IMAGES,
  MAX_SEED,
  MODELS,
  RESPONSE_FORMATS,
} from './limits.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { promptProblem } from './prompt-rules.ts';
import { RefusedImage } from './refused-image.ts';
import { sizeProblem } from './size-rules.ts';

function boolean(name: string): z.ZodMiniOptional<z.ZodMiniBoolean<boolean>> {
  return z.optional(z.boolean(must(`${name} must be true or false`)));
}

const imageForm = must(`image must be a URL or data URI, or a list of 1 to ${MAX_INPUT_IMAGES} of them`);

/** One image or a list of them, in each of the forms that `one` allows; texts among them are checked. */
function imageField<T>(one: z.ZodMiniType<T, T>): z.ZodMiniOptional<z.ZodMiniType<T | T[], T | T[]>> {
  const list = z.array(one).check(z.minLength(1, imageForm), z.maxLength(MAX_INPUT_IMAGES, imageForm));
  const either = z.union([one, list], imageForm).check((payload) => {
    const { value, issues } = payload;
    const images: readonly unknown[] = Array.isArray(value) ? value : [value];
    images.forEach((input, index) => {
      const path = Array.isArray(value) ? [index] : [];
      const message = problemOf(input, Array.isArray(value) ? `image[${index}]` : 'image');
      // Not `input`: an issue must not carry a data URI into a log.
      if (message) issues.push({ code: 'custom', path, message, input: undefined });
    });
  });
  return z.optional(either);
}

function problemOf(input: unknown, name: string): string | null {
  if (input instanceof RefusedImage) return input.problem(name);
  return typeof input === 'string' ? inputImageProblem(input, name) : null;
}

const prompt = z.string(must('prompt must be a text')).check((payload) => {
  const message = promptProblem(payload.value);
  if (message) payload.issues.push({ code: 'custom', message, input: undefined });
});

const wholeSeed = must(`seed must be a whole number from 0 to ${MAX_SEED}`);
const wholeN = must(
  `n must be a whole number from 1 to ${MAX_IMAGES}, or to ${MAX_IMAGES_IN_SET} with enable_sequential`,
);

const fields = z.strictObject(
  {
    model: z.enum(MODELS, must(`model must be one of ${MODELS.map((model) => `"${model}"`).join(', ')}`)),
    prompt,
    image: imageField(z.string()),
    n: z.optional(z.int(wholeN).check(z.minimum(1, wholeN), z.maximum(MAX_IMAGES_IN_SET, wholeN))),
    size: z.optional(z.string(must('size must be a text such as "2K" or "1280x720"'))),
    enable_sequential: boolean('enable_sequential'),
    thinking_mode: boolean('thinking_mode'),
    watermark: boolean('watermark'),
    seed: z.optional(z.int(wholeSeed).check(z.minimum(0, wholeSeed), z.maximum(MAX_SEED, wholeSeed))),
    response_format: z.optional(z.enum(RESPONSE_FORMATS, must('response_format must be "url" or "b64_json"'))),
  },
  onlyKnown(
    'the request',
    'parameter',
    'Check the spelling; what the vendor has beyond this contract goes into "extra".',
  ),
);

type Fields = z.output<typeof fields>;

/** The rules between fields: how many images, and how large. */
function checkTogether(payload: z.core.ParsePayload<Omit<Fields, 'image'> & { readonly image?: unknown }>): void {
  const { model, image, n, size, enable_sequential: sequential = false } = payload.value;
  // Above the largest of both it has been said already.
  if (n !== undefined && n > MAX_IMAGES && n <= MAX_IMAGES_IN_SET && !sequential) {
    const message = `n must be 1 to ${MAX_IMAGES} without enable_sequential, got ${n}: ask for fewer, or set enable_sequential for an image set of up to ${MAX_IMAGES_IN_SET}.`;
    payload.issues.push({ code: 'custom', path: ['n'], message, input: undefined });
  }
  const message = size === undefined ? null : sizeProblem(size, { model, hasImage: image !== undefined, sequential });
  if (message) payload.issues.push({ code: 'custom', path: ['size'], message, input: undefined });
}

/** What a request holds once its defaults are filled in. */
type FilledIn<Given> = { -readonly [Key in keyof Given]: Exclude<Given[Key], undefined> } & { n: number; size: string };

/** `n` and `size` are always sent: other hosts of this model default to 4 images and bill for 4 (ruling 6). */
function fillIn<Given extends Omit<Fields, 'image'> & { image?: unknown }>(given: Given): FilledIn<Given> {
  const request: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) request[name] = value;
  }
  // On the wire one image is a plain string, several are a list (ruling 3).
  if (Array.isArray(given.image) && given.image.length === 1) request['image'] = given.image[0];
  request['n'] ??= given.enable_sequential ? MAX_IMAGES_IN_SET : 1;
  request['size'] ??= DEFAULT_SIZE;
  // The keys and values are those of `given`, checked before, plus the two that the type adds.
  return request as FilledIn<Given>;
}

/**
 * The contract of `POST /v1/images/generations`, whole: types, limits, rules between fields, defaults.
 * The one schema that the client, the service and the simulator parse with, and that JSON Schema and types derive from.
 */
export const generationRequest = z.pipe(fields.check(checkTogether), z.transform(fillIn<Fields>));

/** A request as it travels upstream: every rule holds and the defaults that cost money are filled in. */
export type GenerationRequest = FilledIn<Fields>;

/** One that is refused is always a problem, so that none ever comes out. */
const refused = z.custom<InputImage>((value) => value instanceof RefusedImage);

const clientFields = z.extend(fields, {
  image: imageField(z.union([z.string(), z.instanceof(InputImage), refused])),
});

/** The same contract for a client, which may have images as bytes that become text only on the wire. */
const clientRequest = z.pipe(clientFields.check(checkTogether), z.transform(fillIn<z.output<typeof clientFields>>));

/** {@link GenerationRequest}, with images as text or as bytes. */
export type ClientRequest = z.output<typeof clientRequest>;

/** What a caller may give. */
export type GenerationRequestInput = z.input<typeof generationRequest>;

/** Checks a request against the whole contract; unknown keys are problems too. */
export function parseGenerationRequest(input: unknown): Parsed<GenerationRequest> {
  return parseWith(generationRequest, input);
}

/** Like {@link parseGenerationRequest}, of a request that may hold {@link InputImage}s. */
export function parseClientRequest(input: unknown): Parsed<ClientRequest> {
  return parseWith(clientRequest, input);
}

/** The input images of a request, in the order that a prompt's 图1, 图2 refer to. */
export function inputImagesOf<Image extends string | InputImage>(request: {
  readonly image?: Image | Image[];
}): readonly Image[] {
  const { image: images } = request;
  if (images === undefined) return [];
  return Array.isArray(images) ? images : [images];
}

/** The names of the contract's parameters. */
export const PARAMETERS: readonly string[] = Object.keys(fields.shape);
