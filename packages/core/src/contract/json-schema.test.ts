import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { REQUEST_EXAMPLES, RESPONSE_EXAMPLES, type Example } from './examples.ts';
import { PARAMETERS } from './generation-request.ts';
import { contractJsonSchemas, REQUEST_SCHEMAS, RESPONSE_SCHEMAS } from './json-schema.ts';
import { PARAMETER_DESCRIPTIONS } from './parameter-descriptions.ts';
import { RESPONSE_DESCRIPTIONS } from './response-descriptions.ts';

test('every parameter of the schema has a description, and no other has one', () => {
  expect(Object.keys(PARAMETER_DESCRIPTIONS)).toEqual(PARAMETERS);
});

test('every field of a response has a description, and no other has one', () => {
  const namesOf = (fields: object): Set<string> => new Set(Object.keys(fields));
  const described = Object.entries(RESPONSE_DESCRIPTIONS).map(([name, fields]) => [name, namesOf(fields)]);
  const defined = Object.entries(RESPONSE_SCHEMAS).map(([name, { shape }]) => [name, namesOf(shape)]);
  expect(Object.fromEntries(described)).toEqual(Object.fromEntries(defined));
});

test('the JSON Schema has the rules of the zod schema', () => {
  const { GenerationRequest } = contractJsonSchemas();
  expect(GenerationRequest).toMatchObject({
    type: 'object',
    required: ['model', 'prompt'],
    additionalProperties: false,
    properties: {
      model: { enum: ['wan2.7-image-pro', 'wan2.7-image'] },
      image: { anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, maxItems: 9 }] },
      n: { type: 'integer', minimum: 1, maximum: 12 },
      seed: { type: 'integer', minimum: 0, maximum: 2147483647 },
      response_format: { enum: ['url', 'b64_json'] },
    },
  });
});

test('a response may have fields that the schema does not name, and lacks none that it does', () => {
  const { InputImage } = contractJsonSchemas();
  expect(InputImage).not.toHaveProperty('additionalProperties');
  expect(InputImage['required']).toEqual(Object.keys(RESPONSE_SCHEMAS.InputImage.shape));
});

test('schemas refer to each other by name', () => {
  const { GenerationList, Generation } = contractJsonSchemas('#/components/schemas/');
  expect(GenerationList).toMatchObject({
    properties: { data: { items: { $ref: '#/components/schemas/Generation' } } },
  });
  expect(Generation).toMatchObject({ properties: { images: { items: { $ref: '#/components/schemas/Image' } } } });
});

test('every schema has an example', () => {
  expect(Object.keys(REQUEST_EXAMPLES)).toEqual(Object.keys(REQUEST_SCHEMAS));
  expect(Object.keys(RESPONSE_EXAMPLES)).toEqual(Object.keys(RESPONSE_SCHEMAS));
});

const SCHEMAS: Readonly<Record<string, z.core.$ZodType>> = { ...REQUEST_SCHEMAS, ...RESPONSE_SCHEMAS };

test.each([
  ...Object.entries(REQUEST_EXAMPLES).flatMap(([schema, examples]) =>
    Object.entries<Example<unknown>>(examples).map(([name, { value }]) => ({ schema, name, value })),
  ),
  ...Object.entries(RESPONSE_EXAMPLES).map(([schema, value]) => ({ schema, name: 'response', value })),
])('the example $name of $schema is valid', ({ schema, value }) => {
  const found = SCHEMAS[schema];
  expect(found && z.safeParse(found, value)).toMatchObject({ success: true });
});
