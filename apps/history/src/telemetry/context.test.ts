import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { currentContext, setGeneration, withContext, withNewContext } from './context.ts';

test('there is no context outside of requests, and nothing to set', () => {
  setGeneration('g1');
  expect(currentContext()).toEqual({});
});

test('a context reaches what its code awaits, and ends with it', async () => {
  const seen = await withNewContext({ requestId: 'r1' }, async () => {
    await nextTurn();
    return currentContext();
  });
  expect(seen).toEqual({ requestId: 'r1' });
  expect(currentContext()).toEqual({});
});

test('a new context inherits nothing', () => {
  const seen = withNewContext({ requestId: 'r1', generationId: 'g1' }, () =>
    withNewContext({ requestId: 'r2' }, currentContext),
  );
  expect(seen).toEqual({ requestId: 'r2' });
});

test('an extended context keeps its other fields, and leaves that of the surrounding code alone', () => {
  withNewContext({ requestId: 'r1' }, () => {
    expect(withContext({ generationId: 'g1' }, currentContext)).toEqual({ requestId: 'r1', generationId: 'g1' });
    expect(currentContext()).toEqual({ requestId: 'r1' });
  });
});

test('a generation that is set holds for the rest of its request, and for no other that runs beside it', async () => {
  const request = (requestId: string, generationId: string): Promise<unknown[]> =>
    withNewContext({ requestId }, async () => {
      const before = { ...currentContext() };
      const handled = (async () => {
        await nextTurn();
        setGeneration(generationId);
      })();
      await Promise.all([handled, nextTurn()]);
      return [before, currentContext()];
    });
  expect(await Promise.all([request('r1', 'g1'), request('r2', 'g2')])).toEqual([
    [{ requestId: 'r1' }, { requestId: 'r1', generationId: 'g1' }],
    [{ requestId: 'r2' }, { requestId: 'r2', generationId: 'g2' }],
  ]);
});
