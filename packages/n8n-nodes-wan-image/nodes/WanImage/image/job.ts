import type { GenerateInput } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readAmount } from '../fields/amount.ts';
import type { InputImage } from '../fields/input-binaries.ts';
import { readModel } from '../fields/model.ts';
import { readOptions, type Options } from '../fields/options.ts';
import { readOutput, type OutputSettings } from '../fields/output.ts';
import { readSize } from '../fields/size.ts';

/** One request, and what becomes of its images. */
export interface Job extends OutputSettings, Pick<Options, 'fileName' | 'oneItem' | 'timeoutMs' | 'maximumRetries'> {
  /** The items that it was made of; the parameters are those of the first. */
  readonly items: readonly number[];
  /** As the parameters gave it: the contract's schema judges it. */
  readonly request: GenerateInput;
  /** Where the input images came from, in their order. */
  readonly inputs: readonly Pick<InputImage, 'item' | 'label'>[];
}

/** A request that is read when its turn comes, so that what is wrong with one item is that item's error. */
export interface PendingJob {
  readonly items: readonly number[];
  readonly read: () => Promise<Job>;
}

/** What the operations of images have in common. */
export function readJob(context: IExecuteFunctions, items: readonly number[]): Job {
  const [item = 0] = items;
  const { output, binaryField } = readOutput(context, item);
  const { seed, watermark, extra, ...options } = readOptions(context, item);
  const request = {
    model: readModel(context, item),
    prompt: context.getNodeParameter('prompt', item),
    ...readAmount(context, item),
    size: readSize(context, item),
    seed,
    watermark,
    response_format: output === 'binary' ? 'b64_json' : 'url',
    extra,
  };
  // Not yet what its type says: the client refuses whatever is not.
  return { items, output, binaryField, ...options, request: request as GenerateInput, inputs: [] };
}
