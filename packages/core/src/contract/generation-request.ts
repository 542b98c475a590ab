import * as z from 'zod/mini';
import { readDataUri } from '../images/data-uri.ts';
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
import type { ClientRequest, GenerationRequest } from './request-types.ts';
import { RefusedImage } from './refused-image.ts';
import { sizeProblem } from './size-rules.ts';

function boolean(name: string): z.ZodMiniOptional<z.ZodMiniBoolean<boolean>> {
  return z.optional(z.boolean(must(`${name} must be true or false`)));
}

const imageRule = must(`image must be a URL or data URI, or a list of 1 to ${MAX_INPUT_IMAGES} of them`);

/** Checks each image: a text as a URL or a data URI. */
function checkImages({ value, issues }: z.core.ParsePayload): void {
  const images: readonly unknown[] = Array.isArray(value) ? value : [value];
  images.forEach((input, index) => {
    const path = Array.isArray(value) ? [index] : [];
    const message = problemOf(input, Array.isArray(value) ? `image[${index}]` : 'image');
    // Not `input`: an issue must not carry a data URI into a log.
    if (message) issues.push({ code: 'custom', path, message, input: undefined });
  });
}

function problemOf(input: unknown, name: string): string | null {
  if (input instanceof RefusedImage) return input.problem(name);
  return typeof input === 'string' ? inputImageProblem(input, name) : null;
}

const prompt = z.string(must('prompt must be a string')).check((payload) => {
  const message = promptProblem(payload.value);
  if (message) payload.issues.push({ code: 'custom', message, input: undefined });
});

const seedRule = must(`seed must be a whole number from 0 to ${MAX_SEED}`);
const nRule = must(
  `n must be a whole number from 1 to ${MAX_IMAGES}, or to ${MAX_IMAGES_IN_SET} with enable_sequential`,
);

/** All fields, with input images in the form of `image`. */
const fieldsWith = <Image>(image: z.ZodMiniType<Image, Image>) =>
  z.strictObject(
    {
      model: z.enum(MODELS, must(`model must be one of ${MODELS.map((model) => `"${model}"`).join(', ')}`)),
      prompt,
      image: z.optional(image),
      n: z.optional(z.int(nRule).check(z.minimum(1, nRule), z.maximum(MAX_IMAGES_IN_SET, nRule))),
      size: z.optional(z.string(must('size must be a string such as "2K" or "1280x720"'))),
      enable_sequential: boolean('enable_sequential'),
      thinking_mode: boolean('thinking_mode'),
      watermark: boolean('watermark'),
      seed: z.optional(z.int(seedRule).check(z.minimum(0, seedRule), z.maximum(MAX_SEED, seedRule))),
      response_format: z.optional(z.enum(RESPONSE_FORMATS, must('response_format must be "url" or "b64_json"'))),
    },
    onlyKnown(
      'The request',
      'parameter',
      'Check the spelling, or pass a parameter of the vendor beyond this contract in "extra".',
    ),
  );

/** Images as text, as a body has them. Described by zod alone, so that JSON Schema derives from it. */
const fields = /* @__PURE__ */ (() => {
  const list = z.array(z.string()).check(z.minLength(1, imageRule), z.maxLength(MAX_INPUT_IMAGES, imageRule));
  return fieldsWith(z.union([z.string(), list], imageRule).check(checkImages));
})();

type Fields = z.output<typeof fields>;

/** The rules between fields: how many images, and how large. */
function checkTogether(payload: z.core.ParsePayload<Omit<Fields, 'image'> & { readonly image?: unknown }>): void {
  const { model, image, n, size, enable_sequential: sequential = false } = payload.value;
  // A larger n has already been reported by its own rule.
  if (n !== undefined && n > MAX_IMAGES && n <= MAX_IMAGES_IN_SET && !sequential) {
    const message = `n must be 1 to ${MAX_IMAGES} without enable_sequential, got ${n}: ask for fewer, or set enable_sequential for an image set of up to ${MAX_IMAGES_IN_SET}.`;
    payload.issues.push({ code: 'custom', path: ['n'], message, input: undefined });
  }
  const message = size === undefined ? null : sizeProblem(size, { model, hasImage: image !== undefined, sequential });
  if (message) payload.issues.push({ code: 'custom', path: ['size'], message, input: undefined });
}

/** A request with its defaults. */
type WithDefaults<Input> = { -readonly [Key in keyof Input]: Exclude<Input[Key], undefined> } & {
  n: number;
  size: string;
};

/** `n` and `size` are always sent: other hosts of this model default to 4 images and bill for 4 (ruling 6). */
function fillDefaults<Input extends Omit<Fields, 'image'> & { image?: unknown }>(input: Input): WithDefaults<Input> {
  const request: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined) request[name] = value;
  }
  // Upstream a single image is a string, several are a list (ruling 3).
  const { image } = input;
  if (image !== undefined) {
    const images = (Array.isArray(image) ? image : [image]).map(plain);
    request['image'] = images.length > 1 ? images : images[0];
  }
  request['n'] ??= input.enable_sequential ? MAX_IMAGES_IN_SET : 1;
  request['size'] ??= DEFAULT_SIZE;
  // The entries are those of `input`, which the schema has checked, and the two that the type adds.
  return request as WithDefaults<Input>;
}

/** The header of a data URI may have parameters, which change nothing, and which the upstream may not know. */
function plain(image: unknown): unknown {
  const uri = typeof image === 'string' ? readDataUri(image) : null;
  return uri ? `data:${uri.mimeType};base64,${uri.base64}` : image;
}

/**
 * The contract of `POST /v1/images/generations`: types, limits, rules between fields, defaults.
 * The client, the history service and the simulator all parse with this schema; JSON Schema and types are derived from it.
 */
export const generationRequest = /* @__PURE__ */ (() =>
  z.pipe(fields.check(checkTogether), z.transform(fillDefaults<Fields>)))();

type ClientImage = string | InputImage;

/** A `RefusedImage` is always reported as a problem, so a parsed request never contains one. */
function isClientImage(value: unknown): value is ClientImage {
  return typeof value === 'string' || value instanceof InputImage || value instanceof RefusedImage;
}

function isClientImages(value: unknown): value is ClientImage | ClientImage[] {
  if (!Array.isArray(value)) return isClientImage(value);
  return value.every(isClientImage);
}

/** As the schema of texts has it: a list of the wrong length is one problem, and the rules between fields are checked beside an empty one. */
function checkClientImages(payload: z.core.ParsePayload): void {
  const { value, issues } = payload;
  if (!Array.isArray(value) || (value.length > 0 && value.length <= MAX_INPUT_IMAGES)) return checkImages(payload);
  issues.push({
    code: 'custom',
    message: imageRule.error({ input: value }),
    input: undefined,
    continue: value.length === 0,
  });
}

/**
 * The same fields with images as bytes too, which become base64 only while they are sent. The check is a function, and `parseClientRequest`
 * fills in the defaults: the schemas of unions, lists and transforms would add 1.2 KiB to each bundle of the client.
 */
const clientFields = fieldsWith(
  z.custom<ClientImage | ClientImage[]>(isClientImages, imageRule).check(checkClientImages),
);

export const clientRequest = clientFields.check(checkTogether);

/** Checks a request against the contract and fills in its defaults. Unknown keys are problems too. */
export function parseGenerationRequest(input: unknown): Parsed<GenerationRequest> {
  return parseWith(generationRequest, input);
}

/** Like {@link parseGenerationRequest}, for a request whose images may be {@link InputImage}s. */
export function parseClientRequest(input: unknown): Parsed<ClientRequest> {
  const parsed = parseWith(clientRequest, input);
  return parsed.ok ? { ok: true, value: fillDefaults(parsed.value) } : parsed;
}

/** The input images of a request as a list, in the order that the prompt calls 图1, 图2. */
export function inputImagesOf<Image extends string | InputImage>(request: {
  readonly image?: Image | Image[];
}): readonly Image[] {
  const { image: images } = request;
  if (images === undefined) return [];
  return Array.isArray(images) ? images : [images];
}

/** The names of the contract's parameters. */
export const PARAMETERS: readonly string[] = Object.keys(clientFields.shape);
