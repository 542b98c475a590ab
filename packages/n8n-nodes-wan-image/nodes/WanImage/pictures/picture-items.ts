import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import type { Job } from '../image/job.ts';
import { linkTo } from './agent-links.ts';
import type { Made, Picture } from './picture.ts';

/** The items of the pictures that are here: one for each, or one for all. */
export function pictureItems(context: IExecuteFunctions, job: Job, made: Made, isTool: boolean): INodeExecutionData[] {
  const here = made.pictures.filter(({ failure, url }) => failure === null || (isTool && url !== null));
  const pairedItem = pairedItemOf(job.items);
  if (job.oneItem && !isTool) return here.length === 0 ? [] : [{ ...itemOfAll(job, made, here), pairedItem }];
  return here.map((picture) => {
    const json = isTool ? jsonForAgent(context, job, made, picture) : jsonOf(job, made, picture);
    const item: INodeExecutionData = { json, pairedItem };
    return Object.assign(item, binaryOf({ [job.binaryField]: picture }));
  });
}

/** A single item is named by its number, as n8n's own nodes do. */
export function pairedItemOf(items: readonly number[]): IPairedItemData | IPairedItemData[] {
  const paired = items.map((item) => ({ item }));
  const [first] = paired;
  return paired.length === 1 && first !== undefined ? first : paired;
}

/** What a picture is. Never its bytes: they would go into every expression, log and language model. */
export function jsonOf(job: Job, made: Made, picture: Picture): IDataObject {
  return { ...ofPicture(picture), ...ofReply(job, made) };
}

function ofPicture({ url, revisedPrompt, width, height, index }: Picture): IDataObject {
  return { url, revised_prompt: revisedPrompt, width, height, index };
}

function ofReply({ request: { model, size, seed } }: Job, made: Made): IDataObject {
  return {
    model,
    size: size ?? null,
    seed: seed ?? null,
    total: made.pictures.length,
    created: made.created,
    request_id: made.requestId,
    generation_id: made.generationId,
    ...(made.warning === null ? {} : { warning: made.warning }),
  };
}

function itemOfAll(job: Job, made: Made, pictures: readonly Picture[]): Pick<INodeExecutionData, 'json' | 'binary'> {
  const named = pictures.map((picture, at) => ({
    field: at === 0 ? job.binaryField : `${job.binaryField}_${at}`,
    picture,
  }));
  const images = named.map(({ field, picture }) => ({
    ...ofPicture(picture),
    ...(picture.binary === null ? {} : { binary_field: field }),
  }));
  return {
    json: { images, ...ofReply(job, made) },
    ...binaryOf(Object.fromEntries(named.map(({ field, picture }) => [field, picture]))),
  };
}

function binaryOf(pictures: Readonly<Record<string, Picture>>): { binary?: IBinaryKeyData } {
  const binary: IBinaryKeyData = {};
  for (const [field, picture] of Object.entries(pictures)) {
    if (picture.binary !== null) binary[field] = picture.binary;
  }
  return Object.keys(binary).length === 0 ? {} : { binary };
}

/** Short, because a language model pays for each word of it, with a link that is ready to be shown. */
function jsonForAgent(context: IExecuteFunctions, job: Job, made: Made, picture: Picture): IDataObject {
  const url = linkTo(context, picture);
  const { width, height, index } = picture;
  const known: IDataObject = {
    width,
    height,
    seed: job.request.seed ?? null,
    generation_id: made.generationId,
    warning: picture.failure === null ? made.warning : NO_COPY,
  };
  return {
    markdown: url === null ? NO_LINK : `![Picture ${index + 1}](${url})`,
    url,
    index,
    total: made.pictures.length,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)),
  };
}

const NO_COPY = 'n8n could not keep a copy, so the link leads to the service.';

const NO_LINK = 'The picture is in the binary output of the tool; there is no link to it.';
