import type { GenerateRequest } from '@wan-image/core/portable';
import type { IExecuteFunctions } from 'n8n-workflow';
import { readAmount } from '../../fields/amount.ts';
import { readModel } from '../../fields/model.ts';
import { readOptions } from '../../fields/options.ts';
import { readOutput } from '../../fields/output.ts';
import { readSize } from '../../fields/size.ts';
import type { GenerationPlan } from '../../run/generation-plan.ts';

/** Reads what all operations that generate images have in common, from the parameters of the first item. */
export function readPlan(context: IExecuteFunctions, items: readonly number[]): GenerationPlan {
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
  // Unchecked values: the client validates the request against the contract.
  return { items, output, binaryField, ...options, request: request as GenerateRequest, inputs: [], earlier: null };
}
