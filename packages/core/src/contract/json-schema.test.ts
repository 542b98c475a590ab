import { expect, test } from 'vitest';
import { PARAMETERS } from './generation-request.ts';
import { contractJsonSchemas } from './json-schema.ts';
import { PARAMETER_DESCRIPTIONS } from './parameter-descriptions.ts';

test('every parameter of the schema has a description, and no other has one', () => {
  expect(Object.keys(PARAMETER_DESCRIPTIONS)).toEqual(PARAMETERS);
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
