import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import { linkTo } from './agent-links.ts';
import type { GenerationResult, RequestedImage, ResultImage } from './generation-result.ts';

/** The facts of the request that an item repeats. */
export interface ItemSource {
  /** The input items of the request. */
  readonly items: readonly number[];
  readonly request: Partial<RequestedImage>;
  readonly binaryField: string;
  readonly oneItem: boolean;
  readonly includeInputFields: boolean;
}

/** The items of the available images: one for each, or one for all. */
export function imageItems(
  context: IExecuteFunctions,
  source: ItemSource,
  result: GenerationResult,
  isTool: boolean,
): INodeExecutionData[] {
  const available = result.images.filter(({ failure, url }) => failure === null || (isTool && url !== null));
  const pairedItem = pairedItemOf(source.items);
  const row = source.includeInputFields ? inputFieldsOf(context, source.items) : {};
  if (source.oneItem && !isTool) {
    if (available.length === 0) return [];
    const { json, ...files } = itemOfAll(source, result, available);
    return [{ json: { ...row, ...json }, ...files, pairedItem }];
  }
  return available.map((image) => {
    const json = isTool ? jsonForAgent(context, source, result, image) : { ...row, ...jsonOf(source, result, image) };
    const item: INodeExecutionData = { json, pairedItem };
    return Object.assign(item, binaryOf({ [source.binaryField]: image }));
  });
}

/**
 * The JSON of the input item; of several items in one request that of the first, whose parameters it has. Without the files in it, and
 * without `error`, by which n8n recognizes a failed item.
 */
export function inputFieldsOf(context: IExecuteFunctions, items: readonly number[]): IDataObject {
  const { json = {} } = context.getInputData()[items[0] ?? 0] ?? {};
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== '_files' && name !== 'error'));
}

/** A single item is an object and not a list, as in n8n's own nodes. */
export function pairedItemOf(items: readonly number[]): IPairedItemData | IPairedItemData[] {
  const paired = items.map((item) => ({ item }));
  const [first] = paired;
  return paired.length === 1 && first !== undefined ? first : paired;
}

/** The facts of an image. Never its bytes: n8n copies JSON into expressions, logs and language models. */
export function jsonOf(source: ItemSource, result: GenerationResult, image: ResultImage): IDataObject {
  return { ...imageFacts(image, result), ...responseFacts(source, result) };
}

function imageFacts(
  { url, revisedPrompt, width, height, index }: ResultImage,
  { generationId }: GenerationResult,
): IDataObject {
  // By which a history service knows it.
  const id = generationId === null ? {} : { image_id: `${generationId}-${index}` };
  return { url, revised_prompt: revisedPrompt, width, height, index, ...id };
}

function responseFacts({ request }: ItemSource, result: GenerationResult): IDataObject {
  const { model = null, size, seed } = result.requested ?? request;
  return {
    model,
    size: size ?? null,
    seed: seed ?? null,
    total: result.images.length,
    created: result.created,
    request_id: result.requestId,
    generation_id: result.generationId,
    ...(result.cost === null ? {} : { cost: result.cost.amount, currency: result.cost.currency }),
    ...(result.warning === null ? {} : { warning: result.warning }),
  };
}

function itemOfAll(
  source: ItemSource,
  result: GenerationResult,
  available: readonly ResultImage[],
): Pick<INodeExecutionData, 'json' | 'binary'> {
  const named = available.map((image, position) => ({
    field: position === 0 ? source.binaryField : `${source.binaryField}_${position}`,
    image,
  }));
  const images = named.map(({ field, image }) => ({
    ...imageFacts(image, result),
    ...(image.binary === null ? {} : { binary_field: field }),
  }));
  return {
    json: { images, ...responseFacts(source, result) },
    ...binaryOf(Object.fromEntries(named.map(({ field, image }) => [field, image]))),
  };
}

function binaryOf(images: Readonly<Record<string, ResultImage>>): { binary?: IBinaryKeyData } {
  const binary: IBinaryKeyData = {};
  for (const [field, image] of Object.entries(images)) {
    if (image.binary !== null) binary[field] = image.binary;
  }
  return Object.keys(binary).length === 0 ? {} : { binary };
}

/** Short, because a language model is billed by the word, with a Markdown line that it can show unchanged. */
function jsonForAgent(
  context: IExecuteFunctions,
  source: ItemSource,
  result: GenerationResult,
  image: ResultImage,
): IDataObject {
  const url = linkTo(context, image);
  const { width, height, index } = image;
  const facts: IDataObject = {
    width,
    height,
    seed: (result.requested ?? source.request).seed ?? null,
    generation_id: result.generationId,
    // By which an agent edits it.
    image_id: result.generationId === null ? null : `${result.generationId}-${index}`,
    warning: image.failure === null ? result.warning : NO_COPY,
  };
  return {
    markdown: url === null ? NO_LINK : `![Image ${index + 1}](${url})`,
    url,
    index,
    total: result.images.length,
    ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)),
  };
}

const NO_COPY = 'n8n could not store a copy, so the link leads to the service.';

const NO_LINK = 'The image is in the binary output of the tool; there is no link to it.';
