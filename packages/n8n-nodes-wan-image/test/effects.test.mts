import type { INodeParameters, INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { expect, test } from 'vitest';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { images, PNG, run, type Setting } from './support/run.mts';

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

/** By the path of the field: two settings that differ only in that field. */
const PAIRS: Readonly<Record<string, readonly [Setting, Setting]>> = {
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
  'options.concurrency': both(options({ concurrency: 1 }), options({ concurrency: 2 })),
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
  'options.watermark': both(options({ watermark: true }), options({ watermark: false })),
};

test.for(Object.entries(PAIRS))('%s changes the request or the output', async ([, [one, other]]) => {
  const [first, second] = await Promise.all([run(one), run(other)]);
  expect(seen(first)).not.toEqual(seen(second));
});

test('the list has every field of the node', () => {
  // It has one value so far.
  const fields = new Set(new WanImage().description.properties.flatMap((field) => pathsOf(field)));
  fields.delete('resource');
  // Shown only, or read by n8n itself.
  fields.delete('imageSetNotice');
  fields.delete('toolDescription');
  expect([...fields].toSorted()).toEqual(Object.keys(PAIRS).toSorted());
});

function both(one: INodeParameters, other: INodeParameters, more: Setting = {}): readonly [Setting, Setting] {
  const common = { prompt: '一间花店' };
  return [
    { ...more, input: ITEMS, parameters: { ...common, ...one } },
    { ...more, input: ITEMS, parameters: { ...common, ...other } },
  ];
}

function model(value: string): INodeParameters {
  return { model: { __rl: true, mode: 'id', value } };
}

function seen({ sent, items, names, error }: Awaited<ReturnType<typeof run>>): unknown {
  // Without headers: the idempotency key differs between runs.
  return { sent: sent.map(({ body, besides }) => ({ body, besides })), items, names, error: error?.message };
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
