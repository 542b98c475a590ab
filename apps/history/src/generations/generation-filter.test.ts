import { expect, test } from 'vitest';
import { whereOf } from './generation-filter.ts';

const scope = { projectId: '01932d5e-0000-7000-8000-000000000000' };

test('a scope without a filter selects everything in its project', () => {
  expect(whereOf(scope)).toEqual({ sql: 'generation.project_id = :projectId', parameters: scope });
});

test('a filter narrows its scope and never widens it', () => {
  const before = '01932d5e-0000-7000-8000-000000000001';
  expect(whereOf(scope, { before })).toEqual({
    sql: 'generation.project_id = :projectId and generation.id < :before',
    parameters: { ...scope, before },
  });
});
