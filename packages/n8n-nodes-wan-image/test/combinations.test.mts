import { parseGenerationRequest } from '@wan-image/core/portable';
import fc from 'fast-check';
import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { expect, test } from 'vitest';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { PNG, run, shownFields } from './support/run.mts';

/** Values that a field may have: those that the panel offers, and some that only an expression can give. */
function valuesOf(field: INodeProperties): fc.Arbitrary<unknown> {
  const offered = { weight: 30, arbitrary: offeredBy(field) };
  // An expression is inside of these, never in place of them.
  if (['collection', 'fixedCollection', 'resourceLocator'].includes(field.type)) return fc.oneof(offered);
  return fc.oneof(offered, { weight: 1, arbitrary: ODD });
}

const ODD = fc.constantFrom<unknown>('', 'x', '3', 'true', -1, 0, 5, 1.5, 1e9, null, [], {});

function offeredBy(field: INodeProperties): fc.Arbitrary<unknown> {
  if (field.type === 'options') {
    return fc.constantFrom(...(field.options as INodePropertyOptions[]).map(({ value }) => value));
  }
  if (field.type === 'boolean') return fc.boolean();
  if (field.type === 'number') return fc.integer({ min: 1, max: field.typeOptions?.maxValue ?? 5000 });
  if (field.type === 'resourceLocator') {
    const known = mostly(fc.constantFrom('wan2.7-image', 'wan2.7-image-pro'), 'gpt-image-1');
    const ids = fc.oneof({ weight: 30, arbitrary: known }, ODD);
    return ids.map((value) => ({ __rl: true, mode: 'id', value }));
  }
  if (field.type === 'json') return mostly(fc.constantFrom('{}', '{"bbox_list": []}'), '[1]', '{', '{"size": "1K"}');
  if (field.type === 'collection') {
    const fields = (field.options as INodeProperties[]).filter(({ name }) => name !== 'timeout');
    return fc.record(Object.fromEntries(fields.map((inner) => [inner.name, valuesOf(inner)])), { requiredKeys: [] });
  }
  if (field.type === 'fixedCollection') return rows.map((image) => ({ image }));
  return mostly(fc.constantFrom('一间花店', 'a flower shop', 'data'), '花'.repeat(5001));
}

function mostly<T>(values: fc.Arbitrary<T>, ...wrong: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: values }, fc.constantFrom(...wrong));
}

const rows = fc.array(
  fc.oneof(
    mostly(fc.constantFrom('data', '*', 'data,other'), 'missing').map((binaryField) => ({
      source: 'binary',
      binaryField,
    })),
    mostly(
      fc.constantFrom('https://example.com/a.png', `data:image/png;base64,${PNG.toString('base64')}`),
      'nonsense',
    ).map((url) => ({ source: 'url', url })),
  ),
  { maxLength: 6 },
);

const IMAGE = { data: PNG.toString('base64'), mimeType: 'image/png' };
const INPUT = [{ json: {}, binary: { data: IMAGE, other: IMAGE } }];

test('for any values the request is valid, or the error names a field that the panel shows', async () => {
  const { properties } = new WanImage().description;
  // Several fields may have the same name; the panel shows one of them.
  const byName = Object.entries(Object.groupBy(properties, ({ name }) => name));
  const values = byName.map(([name, fields = []]) => [name, fc.oneof(...fields.map(valuesOf))] as const);
  const parameters = fc.record(Object.fromEntries(values), { requiredKeys: ['prompt'] });
  const counts = { sent: 0, refused: 0 };
  const chosen = fc.record({ parameters, isTool: fc.boolean(), operation: fc.constantFrom('generate', 'edit') });
  const property = fc.asyncProperty(chosen, async ({ parameters: chosenValues, isTool, operation }) => {
    const all = { ...chosenValues, resource: 'image', operation } as INodeParameters;
    const { sent, error, items } = await run({ parameters: all, input: INPUT, isTool });
    const post = sent.find(({ method }) => method === 'POST');
    if (post === undefined) {
      counts.refused++;
      const message = error?.message ?? (items[0]?.json['error'] as string);
      const names = shownFields(all, isTool).flatMap(displayNames);
      expect(names.some((name) => message.startsWith(name))).toBe(true);
    } else {
      counts.sent++;
      const { bbox_list: extra, ...body } = post.body ?? {};
      expect(extra === undefined || Array.isArray(extra)).toBe(true);
      expect(parseGenerationRequest(body)).toEqual({ ok: true, value: body });
    }
  });
  await fc.assert(property, { numRuns: 3_000 });
  // The property must have seen both branches often.
  expect(counts.sent).toBeGreaterThan(500);
  expect(counts.refused).toBeGreaterThan(500);
});

function displayNames({ displayName, type, options = [] }: INodeProperties): string[] {
  return type === 'collection' ? (options as INodeProperties[]).flatMap(displayNames) : [displayName];
}
