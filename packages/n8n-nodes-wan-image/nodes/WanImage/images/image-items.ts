import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import type { Job } from '../image/job.ts';
import { linkTo } from './agent-links.ts';
import type { Made, Image } from './image.ts';

/** The items of the images that are here: one for each, or one for all. */
export function imageItems(context: IExecuteFunctions, job: Job, made: Made, isTool: boolean): INodeExecutionData[] {
  const here = made.images.filter(({ failure, url }) => failure === null || (isTool && url !== null));
  const pairedItem = pairedItemOf(job.items);
  if (job.oneItem && !isTool) return here.length === 0 ? [] : [{ ...itemOfAll(job, made, here), pairedItem }];
  return here.map((image) => {
    const json = isTool ? jsonForAgent(context, job, made, image) : jsonOf(job, made, image);
    const item: INodeExecutionData = { json, pairedItem };
    return Object.assign(item, binaryOf({ [job.binaryField]: image }));
  });
}

/** A single item is named by its number, as n8n's own nodes do. */
export function pairedItemOf(items: readonly number[]): IPairedItemData | IPairedItemData[] {
  const paired = items.map((item) => ({ item }));
  const [first] = paired;
  return paired.length === 1 && first !== undefined ? first : paired;
}

/** What an image is. Never its bytes: they would go into every expression, log and language model. */
export function jsonOf(job: Job, made: Made, image: Image): IDataObject {
  return { ...ofImage(image), ...ofResponse(job, made) };
}

function ofImage({ url, revisedPrompt, width, height, index }: Image): IDataObject {
  return { url, revised_prompt: revisedPrompt, width, height, index };
}

function ofResponse({ request: { model, size, seed } }: Job, made: Made): IDataObject {
  return {
    model,
    size: size ?? null,
    seed: seed ?? null,
    total: made.images.length,
    created: made.created,
    request_id: made.requestId,
    generation_id: made.generationId,
    ...(made.warning === null ? {} : { warning: made.warning }),
  };
}

function itemOfAll(job: Job, made: Made, stored: readonly Image[]): Pick<INodeExecutionData, 'json' | 'binary'> {
  const named = stored.map((image, at) => ({
    field: at === 0 ? job.binaryField : `${job.binaryField}_${at}`,
    image,
  }));
  const images = named.map(({ field, image }) => ({
    ...ofImage(image),
    ...(image.binary === null ? {} : { binary_field: field }),
  }));
  return {
    json: { images, ...ofResponse(job, made) },
    ...binaryOf(Object.fromEntries(named.map(({ field, image }) => [field, image]))),
  };
}

function binaryOf(images: Readonly<Record<string, Image>>): { binary?: IBinaryKeyData } {
  const binary: IBinaryKeyData = {};
  for (const [field, image] of Object.entries(images)) {
    if (image.binary !== null) binary[field] = image.binary;
  }
  return Object.keys(binary).length === 0 ? {} : { binary };
}

/** Short, because a language model pays for each word of it, with a link that is ready to be shown. */
function jsonForAgent(context: IExecuteFunctions, job: Job, made: Made, image: Image): IDataObject {
  const url = linkTo(context, image);
  const { width, height, index } = image;
  const known: IDataObject = {
    width,
    height,
    seed: job.request.seed ?? null,
    generation_id: made.generationId,
    warning: image.failure === null ? made.warning : NO_COPY,
  };
  return {
    markdown: url === null ? NO_LINK : `![Image ${index + 1}](${url})`,
    url,
    index,
    total: made.images.length,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)),
  };
}

const NO_COPY = 'n8n could not keep a copy, so the link leads to the service.';

const NO_LINK = 'The image is in the binary output of the tool; there is no link to it.';
