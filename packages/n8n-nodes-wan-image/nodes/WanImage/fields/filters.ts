import type { GenerationFilter } from '@wan-image/core/portable';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { fieldError } from '../errors/field-error.ts';
import { asText, definedOnly, listOf, toBoolean, toText, toWholeNumber } from './values.ts';

export const searchField: INodeProperties = {
  displayName: 'Search',
  name: 'search',
  type: 'string',
  default: '',
  placeholder: 'e.g. 花店 "wooden door"',
  description:
    'Words to find in prompts, revised prompts, notes and tags, at most 10. Each must occur; words in double quotes belong together. Empty for all generations.',
};

export const filtersField: INodeProperties = {
  displayName: 'Filters',
  name: 'filters',
  type: 'collection',
  placeholder: 'Add Filter',
  default: {},
  options: [
    text('API Key IDs', 'apiKeys', 'IDs of API keys with which they were generated, separated by commas'),
    time('Created After', 'createdAfter', 'The earliest time, inclusive'),
    time('Created Before', 'createdBefore', 'The latest time, exclusive'),
    flag('Deleted', 'deleted', 'Whether to get what is in the bin, in place of what is not'),
    text('Derived From', 'derivedFrom', 'ID of a generation from which they were made, by an edit or by Run Again'),
    flag('Favorite', 'favorite', 'Whether at least one of the images must be a favorite'),
    flag('Has Input Image', 'hasInputImage', 'Whether they must be edits; if turned off, they must not be'),
    text('IDs', 'ids', 'IDs of generations, separated by commas, at most 1,000'),
    text('Image SHA-256', 'imageSha256', 'SHA-256 of a file that was generated, or was an input, in hexadecimal'),
    {
      displayName: 'Metadata',
      name: 'metadata',
      type: 'json',
      default: '{}',
      description: 'Pairs of the metadata of the request, as a JSON object of texts, such as {"order": "4711"}',
    },
    text('Models', 'models', 'Names of models, separated by commas', 'wan2.7-image-pro'),
    several('Outcomes', 'outcomes', ['billed', 'not_billed', 'unknown'], 'Whether they were billed'),
    { displayName: 'Seed', name: 'seed', type: 'number', default: 0, description: 'The seed of the request' },
    flag('Simulated', 'simulated', 'Whether the simulator of the service must have made them; if turned off, not'),
    text('Sizes', 'sizes', 'Sizes of the request, separated by commas', '2K, 1024x768'),
    {
      displayName: 'Sort',
      name: 'order',
      type: 'options',
      options: [
        { name: 'Newest First', value: 'desc' },
        { name: 'Oldest First', value: 'asc' },
      ],
      default: 'desc',
      description: 'The order, by the time of creation. A search has the newest first.',
    },
    text('Sources', 'sources', 'Names of clients, separated by commas', 'api'),
    several('States', 'states', ['queued', 'running', 'succeeded', 'failed', 'canceled'], 'What became of them'),
    text('Tags', 'tags', 'Tags, separated by commas, all of which they must have', 'spring, shop'),
    text('User', 'user', 'The user of the request, as it was sent'),
  ],
};

function text(displayName: string, name: string, description: string, example = ''): INodeProperties {
  const placeholder = example === '' ? {} : { placeholder: `e.g. ${example}` };
  return { displayName, name, type: 'string', default: '', description, ...placeholder };
}

function time(displayName: string, name: string, description: string): INodeProperties {
  return { displayName, name, type: 'dateTime', default: '', description };
}

function flag(displayName: string, name: string, description: string): INodeProperties {
  return { displayName, name, type: 'boolean', default: true, description };
}

function several(displayName: string, name: string, values: readonly string[], description: string): INodeProperties {
  const options: INodePropertyOptions[] = values.map((value) => ({
    name: value.replace(/(^|_)(.)/g, (_, gap: string, letter: string) => (gap && ' ') + letter.toUpperCase()),
    value,
  }));
  return { displayName, name, type: 'multiOptions', options, default: [], description };
}

type Filter = GenerationFilter & { readonly order?: 'asc' | 'desc' };

/** Only what was filled in. Its values are judged by the service, which names the parameter. */
export function readFilter(context: IExecuteFunctions, item: number): Filter {
  const filters = context.getNodeParameter('filters', item, {});
  const bare = {
    q: toText(context.getNodeParameter('search', item, '')),
    state: listOf(filters['states']),
    outcome: listOf(filters['outcomes']),
    model: listOf(filters['models']),
    size: listOf(filters['sizes']),
    source: listOf(filters['sources']),
    api_key: listOf(filters['apiKeys']),
    tag: listOf(filters['tags']),
    id: listOf(filters['ids']),
    // The service knows only true: without it, both are in the list.
    favorite: toBoolean(filters['favorite']) === true || undefined,
    deleted: toBoolean(filters['deleted']) === true || undefined,
    created_after: timeOf(filters['createdAfter']),
    created_before: timeOf(filters['createdBefore']),
    has_input_image: toBoolean(filters['hasInputImage']),
    simulated: toBoolean(filters['simulated']),
    derived_from: toText(filters['derivedFrom']),
    image_sha256: toText(filters['imageSha256']),
    user: toText(filters['user']),
    seed: toWholeNumber(filters['seed']),
    metadata: metadataOf(context, item, filters['metadata']),
    order: definedOnly(filters['order']),
  };
  return Object.fromEntries(Object.entries(bare).filter(([, value]) => value !== undefined)) as Filter;
}

/** n8n gives a time without its zone where an expression gives a date, which has one. */
function timeOf(value: unknown): string | undefined {
  const found = toText(value instanceof Date ? value.toISOString() : asText(value));
  if (found === undefined || /^\d{4}-\d\d-\d\d$/.test(found)) return found;
  const parsed = Date.parse(found);
  return Number.isNaN(parsed) ? found : new Date(parsed).toISOString();
}

function metadataOf(context: IExecuteFunctions, item: number, value: unknown): Record<string, string> | undefined {
  const object = typeof value === 'string' ? jsonOf(value) : (value ?? {});
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw fieldError(context, item, 'Metadata', 'it must be a JSON object of texts, such as {"order": "4711"}.');
  const pairs = Object.entries(object).map(([name, one]) => [name, asText(one)]);
  return pairs.length === 0 ? undefined : (Object.fromEntries(pairs) as Record<string, string>);
}

function jsonOf(json: string): unknown {
  try {
    return json.trim() === '' ? {} : (JSON.parse(json) as unknown);
  } catch {
    return null;
  }
}
