import { acceptRequestWithImages, InputImage, MODELS, type Problem } from '@wan-image/core';
import type { Draft, DraftInput } from './draft.ts';
import { parametersOf } from './settings.ts';
import { problemOfSize } from './sizes.ts';

/** The fields of the form that can be wrong. */
export type Field = 'prompt' | 'model' | 'image' | 'size' | 'n' | 'seed';

const FIELDS: readonly Field[] = ['prompt', 'model', 'image', 'size', 'n', 'seed'];

/** What is wrong with a draft, before anything is sent: the same schema that the client and the service use. */
export interface DraftProblems {
  /** Of the fields, in the words of core. */
  readonly fields: Partial<Readonly<Record<Field, string>>>;
  /** Of single inputs, by their key. */
  readonly inputs: ReadonlyMap<string, string>;
}

export const NO_PROBLEMS: DraftProblems = { fields: {}, inputs: new Map() };

export function problemsOfDraft({ settings, inputs }: Draft): DraftProblems {
  const image = inputs.map(imageOf);
  const request = parametersOf(settings, inputs.length > 0);
  const parsed = acceptRequestWithImages(inputs.length === 0 ? request : { ...request, image });
  const found = sorted(parsed.ok ? [] : parsed.problems, inputs);
  const size = problemOfSize(request.size ?? settings.size, { ...settings, hasInputs: inputs.length > 0 });
  const unreadable = inputs.flatMap((input) =>
    input.kind === 'file' && input.problem !== null ? [[input.key, input.problem] as const] : [],
  );
  return {
    fields: size === null ? found.fields : { ...found.fields, size },
    inputs: new Map([...found.inputs, ...unreadable]),
  };
}

/** Puts each problem to its field; null if it belongs to none of the form. */
export function problemsOfParam(
  param: string | null,
  message: string,
  inputs: readonly DraftInput[],
): DraftProblems | null {
  const { fields, inputs: ofInputs } = sorted([{ param, message }], inputs);
  return Object.keys(fields).length === 0 && ofInputs.size === 0 ? null : { fields, inputs: ofInputs };
}

export function isFaultless({ fields, inputs }: DraftProblems): boolean {
  return Object.keys(fields).length === 0 && inputs.size === 0;
}

function sorted(problems: readonly Problem[], inputs: readonly DraftInput[]): DraftProblems {
  const fields: Partial<Record<Field, string>> = {};
  const ofInputs = new Map<string, string>();
  for (const { param, message } of problems) {
    const input = inputs[indexOf(param, inputs.length)];
    const field = FIELDS.find((one) => one === param);
    if (input !== undefined) ofInputs.set(input.key, message);
    else if (field !== undefined) fields[field] ??= message;
  }
  return { fields, inputs: ofInputs };
}

/** The index of `image[1]`; `image` alone is the only input. */
function indexOf(param: string | null, count: number): number {
  if (param === 'image' && count === 1) return 0;
  return Number(/^image\[(\d+)\]$/.exec(param ?? '')?.[1] ?? -1);
}

/** The bytes of a file were checked when it was added, so the schema need not see them. */
function imageOf(input: DraftInput): string | InputImage {
  if (input.kind === 'url') return input.url;
  return new InputImage(input.mimeType, input.bytes, noBytes);
}

async function* noBytes(): AsyncIterable<Uint8Array> {}

/** What is wrong with the URL of an input image, in the words of core; null if nothing is. */
export function problemOfUrl(url: string): string | null {
  const parsed = acceptRequestWithImages({ model: MODELS[0], prompt: 'url', image: url });
  return parsed.ok ? null : (parsed.problems[0]?.message ?? null);
}
