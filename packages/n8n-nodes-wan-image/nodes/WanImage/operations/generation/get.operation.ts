import type { INodeProperties } from 'n8n-workflow';
import { generationField, readGeneration } from '../../fields/generation.ts';
import { within } from '../../fields/options.ts';
import { toBoolean } from '../../fields/values.ts';
import { forAgent, simplified } from '../../images/record-json.ts';
import { runItems } from '../../run/run-items.ts';
import { awaitGeneration } from '../../run/await-generation.ts';
import type { Operation } from '../operation.ts';

export const simplifyField: INodeProperties = {
  displayName: 'Simplify',
  name: 'simplify',
  type: 'boolean',
  default: true,
  displayOptions: { hide: { '@tool': [true] } },
  description: 'Whether to return a simplified version of the response instead of the raw data',
};

const waitField: INodeProperties = {
  displayName: 'Wait (Seconds)',
  name: 'wait',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 86_400, numberPrecision: 0 },
  default: 0,
  description:
    'How long to wait for a generation that is still running. 0 returns it as it is. A longer wait than it takes to end is an error.',
};

/** One generation. */
export const get: Operation = {
  option: { name: 'Get', action: 'Get a generation', description: 'Get a generation with the URLs of its images' },
  fields: [generationField, waitField, simplifyField],
  run: (context) =>
    runItems(context, async ({ item, library, options, isTool }) => {
      const { id } = readGeneration(context, item);
      const wait = within(
        context,
        item,
        'Wait (Seconds)',
        context.getNodeParameter('wait', item, 0),
        [0, 86_400],
        'seconds',
      );
      const waiting = { timeoutMs: wait * 1000, signal: options.signal, cancels: false };
      const record =
        wait === 0
          ? await library.get(id, options)
          : await awaitGeneration({ library }, () => library.get(id, options), waiting);
      if (isTool) return [forAgent(record)];
      return [
        toBoolean(context.getNodeParameter('simplify', item, true)) === false ? { ...record } : simplified(record),
      ];
    }),
};
