import type { INodeParameters, INodeProperties, INodePropertyCollection, NodeParameterValueType } from 'n8n-workflow';
import { expect, test } from 'vitest';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { generation, ID, ofHistory } from './support/history.mts';
import { images, PNG, run, type Sent, type Setting } from './support/run.mts';

/** Each field has two values here that lead to different requests or results, so none of them can be without effect. */

const IMAGE = { data: PNG.toString('base64'), mimeType: 'image/png' };
const ITEMS = [
  { json: { sku: 'A' }, binary: { data: IMAGE, other: { ...IMAGE, mimeType: 'image/jpeg' } } },
  { json: {}, binary: { data: IMAGE } },
];
const edit = (rows: object[], more: INodeParameters = {}): INodeParameters => ({
  operation: 'edit',
  images: { image: rows as INodeParameters[] },
  ...more,
});
const options = (value: INodeParameters): INodeParameters => ({ options: value });

/** The filters of Get Many, with a value each. */
const FILTERS: Readonly<Record<string, NodeParameterValueType>> = {
  apiKeys: ID,
  createdAfter: '2026-11-01T00:00:00.000+08:00',
  createdBefore: '2026-12-01T00:00:00',
  deleted: true,
  derivedFrom: ID,
  favorite: true,
  hasInputImage: false,
  ids: `${ID}, ${ID}`,
  imageSha256: 'a'.repeat(64),
  metadata: '{"order":"4711"}',
  models: 'wan2.7-image',
  order: 'asc',
  outcomes: ['billed'],
  seed: 7,
  simulated: false,
  sizes: '2K',
  sources: 'api',
  states: ['succeeded', 'failed'],
  tags: 'spring，shop',
  user: 'ann',
};

/** The fields that a rerun can change. */
const OVERRIDES: Readonly<Record<string, NodeParameterValueType>> = {
  additionalParameters: '{"bbox_list":[]}',
  imageSet: true,
  model: 'wan2.7-image',
  numberOfImages: 2,
  prompt: '二',
  randomSeed: true,
  seed: 9,
  size: '16:9',
  thinkingMode: false,
  watermark: true,
};

/** By the path of the field: two settings that differ only in that field. */
const PAIRS: Readonly<Record<string, readonly [StoppingSetting, StoppingSetting]>> = {
  operation: both({ operation: 'generate' }, edit([{ source: 'binary', binaryField: 'data' }])),
  model: both(model('wan2.7-image'), model('wan2.7-image-pro')),
  prompt: both({ prompt: '一' }, { prompt: '二' }),
  imageSet: both({ imageSet: true }, { imageSet: false }),
  numberOfImages: both({ numberOfImages: 1 }, { numberOfImages: 2 }),
  maximumImages: both({ imageSet: true, maximumImages: 1 }, { imageSet: true, maximumImages: 2 }),
  size: both({ size: '1K' }, { size: '1280x720' }),
  width: both({ size: 'custom', width: 1000 }, { size: 'custom', width: 1001 }),
  height: both({ size: 'custom', height: 1000 }, { size: 'custom', height: 1001 }),
  thinkingMode: both({ thinkingMode: true }, { thinkingMode: false }),
  output: both({ output: 'url' }, { output: 'both' }),
  binaryField: both({ binaryField: 'data' }, { binaryField: 'image' }),
  inputItems: both(edit([{ source: 'binary', binaryField: 'data' }], { inputItems: 'each' }), {
    ...edit([{ source: 'binary', binaryField: 'data' }], { inputItems: 'together' }),
  }),
  'images.image.source': both(
    edit([{ source: 'binary', binaryField: 'data', url: 'https://example.com/a.png' }]),
    edit([{ source: 'url', binaryField: 'data', url: 'https://example.com/a.png' }]),
  ),
  'images.image.binaryField': both(
    edit([{ source: 'binary', binaryField: 'data' }]),
    edit([{ source: 'binary', binaryField: 'data, other' }]),
  ),
  'images.image.url': both(
    edit([{ source: 'url', url: 'https://example.com/a.png' }]),
    edit([{ source: 'url', url: 'https://example.com/b.png' }]),
  ),
  'options.additionalParameters': both(
    options({ additionalParameters: '{}' }),
    options({ additionalParameters: '{"bbox_list":[]}' }),
  ),
  'options.concurrency': ofConcurrency(),
  'options.fileName': both(options({ fileName: 'a' }), options({ fileName: 'b-{number}' })),
  'options.includeInputFields': both(options({ includeInputFields: true }), options({})),
  'options.maximumTotal': both(options({ maximumTotal: 1 }), options({ maximumTotal: 2 })),
  'options.maximumRetries': both(options({ maximumRetries: 0 }), options({ maximumRetries: 1 }), {
    response: () => ({ status: 429, headers: { 'retry-after': '0' }, body: '{"error":{"message":"slow down"}}' }),
  }),
  'options.oneItem': both({ numberOfImages: 2, ...options({ oneItem: true }) }, { numberOfImages: 2 }),
  'options.seed': both(options({ seed: 0 }), options({})),
  'options.timeout': both(options({ timeout: 1 }), options({ timeout: 60 }), {
    response: async (sent) => {
      await new Promise((resolve) => setTimeout(resolve, sent.method === 'POST' ? 1_200 : 0));
      return images(sent);
    },
  }),
  'options.onStop': both(
    options({ onStop: 'cancel' }),
    options({ onStop: 'finish' }),
    // Each run has its own execution, which is stopped during the first poll.
    { ...ofHistory(5), stopsAtPoll: true },
  ),
  'images.image.imageId': both(
    edit([{ source: 'history', imageId: ID }]),
    edit([{ source: 'history', imageId: `${ID}-1` }]),
    ofHistory(),
  ),
  generation: ofGeneration('get', {}, { generation: { __rl: true, mode: 'id', value: ID.replace('0', '1') } }),
  wait: ofGeneration('get', { wait: 0 }, { wait: 60 }, ofHistory(1)),
  simplify: ofGeneration('get', { simplify: true }, { simplify: false }),
  search: ofGeneration('getAll', {}, { search: '花' }),
  returnAll: ofGeneration('getAll', { returnAll: true, limit: 1 }, { returnAll: false, limit: 1 }),
  limit: ofGeneration('getAll', { limit: 1 }, { limit: 2 }),
  maximumResults: ofGeneration(
    'getAll',
    { maximumResults: 1 },
    { maximumResults: 2 },
    { ...ofHistory(), isTool: true },
  ),
  ...Object.fromEntries(
    Object.entries(FILTERS).map(([name, value]) => [
      `filters.${name}`,
      ofGeneration('getAll', {}, { filters: { [name]: value } }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(OVERRIDES).map(([name, value]) => [
      `overrides.${name}`,
      ofGeneration('rerun', {}, { overrides: { [name]: value } }),
    ]),
  ),
  'updateFields.note': ofGeneration('update', { updateFields: { note: '' } }, { updateFields: { note: 'good' } }),
  'updateFields.tags': ofGeneration('update', { updateFields: { tags: '' } }, { updateFields: { tags: 'a, b' } }),
  imageNumber: ofGeneration('favorite', {}, { imageNumber: 2 }),
  favorite: ofGeneration('favorite', {}, { favorite: false }),
  purge: ofGeneration('delete', {}, { purge: true }),
  resource: [
    { parameters: { resource: 'image', operation: 'generate', prompt: '一' } },
    { parameters: generation('get'), ...ofHistory() },
  ],
  'options.watermark': both(options({ watermark: true }), options({ watermark: false })),
};

test.for(Object.entries(PAIRS))('%s changes the request or the output', async ([, [one, other]]) => {
  const [first, second] = [await run(stopping(one)), await run(stopping(other))];
  expect(seen(first)).not.toEqual(seen(second));
});

test('the list has every field of the node', () => {
  const fields = new Set(new WanImage().description.properties.flatMap((field) => pathsOf(field)));
  // Shown only, or read by n8n itself.
  fields.delete('imageSetNotice');
  fields.delete('purgeNotice');
  fields.delete('toolDescription');
  expect([...fields].toSorted()).toEqual(Object.keys(PAIRS).toSorted());
});

function ofGeneration(
  operation: string,
  one: INodeParameters,
  other: INodeParameters,
  more: Setting = ofHistory(),
): readonly [Setting, Setting] {
  const input = [{ json: {} }];
  return [
    { ...more, input, parameters: generation(operation, one) },
    { ...more, input, parameters: generation(operation, other) },
  ];
}

function stopping({ stopsAtPoll = false, ...setting }: StoppingSetting): Setting {
  if (!stopsAtPoll) return setting;
  const stop = new AbortController();
  const request = ({ method, url }: Sent): void => {
    if (method === 'GET' && url.includes('/v1/generations/')) stop.abort();
  };
  return { ...setting, signal: stop.signal, request };
}

interface StoppingSetting extends Setting {
  readonly stopsAtPoll?: boolean;
}

function both(
  one: INodeParameters,
  other: INodeParameters,
  more: StoppingSetting = {},
): readonly [StoppingSetting, StoppingSetting] {
  const common = { prompt: '一间花店' };
  return [
    { ...more, input: ITEMS, parameters: { ...common, ...one } },
    { ...more, input: ITEMS, parameters: { ...common, ...other } },
  ];
}

function ofConcurrency(): readonly [StoppingSetting, StoppingSetting] {
  const [one, two] = both(options({ concurrency: 1 }), options({ concurrency: 2 }));
  return [one, { ...two, request: inPairs() }];
}

/** Each request waits for another, so that both are in flight: on a busy machine the first may end before the second starts. */
function inPairs(): NonNullable<Setting['request']> {
  let release: (() => void) | null = null;
  return async ({ method }) => {
    if (method !== 'POST') return;
    if (release === null) return new Promise((resolve) => void (release = resolve));
    release();
    release = null;
  };
}

function model(value: string): INodeParameters {
  return { model: { __rl: true, mode: 'id', value } };
}

function seen({ sent, items, names, error }: Awaited<ReturnType<typeof run>>): unknown {
  // Without headers: the idempotency key differs between runs.
  return {
    sent: sent.map(({ method, url, body, besides }) => ({ method, url, body, besides })),
    items,
    names,
    error: error?.message,
  };
}

function pathsOf(field: INodeProperties): string[] {
  if (field.type === 'collection') {
    return (field.options as INodeProperties[]).flatMap((inner) =>
      pathsOf(inner).map((path) => `${field.name}.${path}`),
    );
  }
  if (field.type !== 'fixedCollection') return [field.name];
  return (field.options as INodePropertyCollection[]).flatMap(({ name, values }) =>
    values.flatMap((inner) => pathsOf(inner).map((path) => `${field.name}.${name}.${path}`)),
  );
}
