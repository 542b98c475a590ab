import { parseGenerationRequest } from '@wan-image/core/portable';
import fc from 'fast-check';
import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { expect, test } from 'vitest';
import { WanImage } from '../nodes/WanImage/WanImage.node.ts';
import { ID, ofHistory } from './support/history.mts';
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
  if (field.type === 'resourceLocator' && field.name === 'generation') {
    const ids = mostly<unknown>(
      fc.constantFrom(ID, `${ID}-0`, `https://h.example.com/images/${ID}-0?key=1`),
      'x',
      '',
      3,
    );
    return ids.map((value) => ({ __rl: true, mode: 'id', value }));
  }
  if (field.type === 'multiOptions') {
    return fc.subarray((field.options as INodePropertyOptions[]).map(({ value }) => value));
  }
  if (field.type === 'dateTime') return mostly(fc.constantFrom('2026-11-01', '2026-11-01T08:00:00'), 'yesterday');
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
    mostly(fc.constantFrom(ID, `${ID}-1`), 'nonsense').map((imageId) => ({ source: 'history', imageId })),
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
      expect([message, names.some((name) => message.startsWith(name))]).toEqual([message, true]);
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

test('of every operation on generations, any values are accepted by the service, or the error names a field', async () => {
  const { properties } = new WanImage().description;
  const counts = { done: 0, refused: 0 };
  const operations = properties
    .filter(
      ({ name, displayOptions }) => name === 'operation' && displayOptions?.show?.['resource']?.includes('generation'),
    )
    .flatMap(({ options = [] }) => (options as INodePropertyOptions[]).map(({ value }) => String(value)));
  expect(operations).toHaveLength(8);
  const chosen = fc.constantFrom(...operations).chain((operation) => {
    const own = properties.filter(
      ({ displayOptions: { show } = {} }) =>
        show?.['resource']?.includes('generation') === true && show['operation']?.includes(operation) === true,
    );
    const values = own.map((field) => [field.name, valuesOf(field)] as const);
    const requiredKeys = own.flatMap(({ name }) => (name === 'generation' ? [name] : []));
    const parameters = fc.record(Object.fromEntries(values), { requiredKeys });
    return fc.record({ parameters, operation: fc.constant(operation), isTool: fc.boolean() });
  });
  const property = fc.asyncProperty(chosen, async ({ parameters, operation, isTool }) => {
    const all = { ...(parameters as INodeParameters), resource: 'generation', operation };
    const { sent, error, items } = await run({ parameters: all, isTool, ...ofHistory() });
    const message = error?.message ?? items.map(({ json }) => json['error']).find((found) => typeof found === 'string');
    if (message === undefined) {
      counts.done++;
      expect(sent.length).toBeGreaterThan(0);
      expect(items.map(({ pairedItem }) => pairedItem)).toEqual(items.map(() => ({ item: 0 })));
      return;
    }
    counts.refused++;
    const names = shownFields(all, isTool).flatMap(displayNames);
    expect([message, names.some((name) => message.startsWith(name))]).toEqual([message, true]);
  });
  await fc.assert(property, { numRuns: 2_000 });
  expect(counts.done).toBeGreaterThan(300);
  expect(counts.refused).toBeGreaterThan(100);
});

function displayNames({ displayName, type, options = [] }: INodeProperties): string[] {
  return type === 'collection' ? [displayName, ...(options as INodeProperties[]).flatMap(displayNames)] : [displayName];
}
