import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { filtersField, readFilter, searchField } from '../../fields/filters.ts';
import { within } from '../../fields/options.ts';
import { toBoolean } from '../../fields/values.ts';
import { forAgent, simplified } from '../../images/record-json.ts';
import { runItems } from '../../run/run-items.ts';
import type { Operation } from '../operation.ts';
import { simplifyField } from './get.operation.ts';

const amountFields: INodeProperties[] = [
  {
    displayName: 'Return All',
    name: 'returnAll',
    type: 'boolean',
    default: false,
    displayOptions: { hide: { '@tool': [true] } },
    description: 'Whether to return all results or only up to a given limit',
  },
  {
    displayName: 'Limit',
    name: 'limit',
    type: 'number',
    typeOptions: { minValue: 1, numberPrecision: 0 },
    default: 50,
    displayOptions: { show: { returnAll: [false] }, hide: { '@tool': [true] } },
    description: 'Max number of results to return',
  },
  {
    displayName: 'Maximum Results',
    name: 'maximumResults',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
    default: 5,
    displayOptions: { show: { '@tool': [true] } },
    description: 'How many generations the language model reads, at most 50: each costs it tokens',
  },
];

/** The largest page of the service. */
const PAGE = 100;

/** Generations by words and filters; one item for each. */
export const getAll: Operation = {
  option: { name: 'Get Many', action: 'Get many generations', description: 'Search generations, newest first' },
  fields: [searchField, ...amountFields, filtersField, simplifyField],
  run: (context) =>
    runItems(context, async ({ item, library, options, isTool }) => {
      const all = !isTool && toBoolean(context.getNodeParameter('returnAll', item, false)) === true;
      const [field, name, most] = isTool
        ? (['maximumResults', 'Maximum Results', 50] as const)
        : (['limit', 'Limit', 1_000_000] as const);
      const entered = context.getNodeParameter(field, item, 50);
      const limit = all ? Infinity : within(context, item, name, entered, [1, most], 'generations');
      const filter = readFilter(context, item);
      const isSimple = toBoolean(context.getNodeParameter('simplify', item, true)) !== false;
      const found: IDataObject[] = [];
      for await (const record of library.list({ ...options, ...filter, limit: Math.min(limit, PAGE) })) {
        found.push(isTool ? forAgent(record) : isSimple ? simplified(record) : { ...record });
        if (found.length >= limit) break;
      }
      // An agent that gets no item believes that the tool failed.
      return isTool && found.length === 0 ? [{ message: 'No generation was found.' }] : found;
    }),
};
