import type { WanImageError } from '@wan-image/core/portable';

/** What an error needs to know of its generation to name fields as the panel does. */
export interface FieldContext {
  /** The origin of each input image, in their order. */
  readonly inputs?: readonly { readonly item: number; readonly label: string }[];
  /** Whether it is an image set, whose number of images is a field of its own. */
  readonly isSet?: boolean;
  /** Of parameters that the service judges: their labels, where they are not those of the contract. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The label that the panel shows for each parameter of the contract. */
const LABELS: Readonly<Record<string, string>> = {
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
  trustedHosts: 'Image Hosts',
};

/**
 * The message of an invalid request with labels in place of parameter names. The contract names the parameter of each message in
 * `param`; its sentences stay as they are.
 */
export function fieldMessage(error: WanImageError, context: FieldContext): string {
  const { param, summary } = error;
  const [name = ''] = (param ?? '').split(/[.[\]]/);
  if (param === null || name === '') return summary;
  if (name === 'extra') return `Additional Parameters: ${param.slice(6)} is a field of this node, set it there.`;
  const label = name === 'n' && context.isSet === true ? 'Maximum Images' : (context.labels?.[name] ?? LABELS[name]);
  if (label === undefined) return summary;
  const input = inputOf(error, context);
  const subject = input === null ? label : `${label}, ${input.label}`;
  const isSubject = summary.startsWith(`${param} `);
  return `${subject}${isSubject ? '' : ':'} ${labelled(isSubject ? summary.slice(param.length + 1) : summary)}`;
}

/** The input image that an invalid request is about. */
export function inputOf(
  { kind, param }: WanImageError,
  { inputs = [] }: FieldContext,
): { readonly item: number; readonly label: string } | null {
  const found = kind === 'invalid_request' ? /^image(?:\[(\d+)\])?$/.exec(param ?? '') : null;
  return found === null ? null : (inputs[Number(found[1] ?? 0)] ?? null);
}

/** Only names that are no English words: `size` or `image` in a sentence may mean the thing itself. */
function labelled(sentence: string): string {
  return sentence
    .split(/\b(enable_sequential|thinking_mode)\b/)
    .map((part) => (part.includes('_') ? (LABELS[part] ?? part) : part))
    .join('');
}
