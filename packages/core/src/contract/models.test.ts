import { expect, test } from 'vitest';
import { clientModel, clientModelList, model, modelList } from './models.ts';

const MODELS: readonly (readonly [unknown, boolean])[] = [
  [{ id: 'a' }, true],
  [{ id: 'a', created: 1, owned_by: 'b', more: { c: 1 } }, true],
  [{ id: 'a', created: undefined }, true],
  [{}, false],
  [{ id: 1 }, false],
  [{ id: 'a', created: '1' }, false],
  [{ id: 'a', owned_by: null }, false],
  [null, false],
  ['a', false],
];

test.each(MODELS)('a client reads %j as a model or not, as the schema does', (value, isModel) => {
  expect([clientModel, model].map((schema) => schema.safeParse(value).success)).toEqual([isModel, isModel]);
  const list = { object: 'list', data: [{ id: 'first' }, value] };
  expect([clientModelList, modelList].map((schema) => schema.safeParse(list).success)).toEqual([isModel, isModel]);
  if (isModel) expect(clientModelList.parse(list)).toEqual(modelList.parse(list));
});

test.each([null, [], {}, { data: {} }, { data: 'a' }, 'a'])('%j is no list of models', (value) => {
  expect([clientModelList, modelList].map((schema) => schema.safeParse(value).success)).toEqual([false, false]);
});
