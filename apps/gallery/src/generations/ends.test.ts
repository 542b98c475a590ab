import { WanImageError, type GenerationRecord, type HistoryClient } from '@wan-image/core';
import { expect, test } from 'vitest';
import { recordOf } from '../../test/support/record.ts';
import { createEnds } from './ends.ts';

type Responses = readonly (readonly GenerationRecord[] | Error)[];

/** A history whose lists are these, one after the other. */
function historyOf(responses: Responses) {
  const asked: unknown[] = [];
  const rest = [...responses];
  const page: HistoryClient['page'] = ({ id } = {}) => {
    asked.push(id);
    const next = rest.shift() ?? [];
    return next instanceof Error
      ? Promise.reject(next)
      : Promise.resolve({ object: 'list', data: [...next], has_more: false, next_cursor: null });
  };
  return { page, asked };
}

const running = (id: string): GenerationRecord => recordOf({ id, state: 'running', finished_at: null });
const ended = (id: string): GenerationRecord => recordOf({ id });

test('one request asks about all that are waited for, until each has ended', async () => {
  const history = historyOf([[running('a')], [ended('a'), running('b')], [ended('b')]]);
  const { endOf } = createEnds(history, 1);
  const [a, b, again] = await Promise.all([endOf('a'), endOf('b').catch(String), endOf('a')]);
  expect(a?.id).toBe('a');
  expect(again).toEqual(a);
  expect(b).toMatchObject({ id: 'b' });
  expect(history.asked).toEqual([['a'], ['a', 'b'], ['b']]);
});

test.each([
  ['authentication', 'account', 401],
  ['connection_lost', 'network', null],
] as const)('%s does not end the waiting', async (kind, fault, status) => {
  const failure = new WanImageError('Not now.', { kind, fault, status, outcome: 'not_billed' });
  const { endOf } = createEnds(historyOf([failure, [ended('a')]]), 1);
  expect((await endOf('a'))?.id).toBe('a');
});

test('what was deleted, and what may not be read, has no end', async () => {
  expect(await createEnds(historyOf([[]]), 1).endOf('a')).toBeNull();
  const refusal = new WanImageError('Not yours.', {
    kind: 'refused',
    fault: 'account',
    status: 403,
    outcome: 'not_billed',
  });
  await expect(createEnds(historyOf([refusal]), 1).endOf('a')).rejects.toBe(refusal);
});
