import { expect, test } from 'vitest';
import { MemoryBudget } from './memory-budget.ts';

test('work runs at once as far as its memory fits together, and in order', async () => {
  const budget = new MemoryBudget(100);
  const running = new Set<string>();
  const ends = new Map<string, () => void>();
  const run = (name: string, bytes: number): Promise<void> =>
    budget.use(bytes, async () => {
      running.add(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      running.delete(name);
    });
  const works = [run('a', 60), run('b', 30), run('c', 100), run('d', 10)];
  await expect.poll(() => [...running]).toEqual(['a', 'b']);
  ends.get('a')?.();
  await works[0];
  // The small one does not overtake the large one, which would otherwise wait for ever.
  expect([...running]).toEqual(['b']);
  ends.get('b')?.();
  await expect.poll(() => [...running]).toEqual(['c']);
  ends.get('c')?.();
  await expect.poll(() => [...running]).toEqual(['d']);
  ends.get('d')?.();
  await Promise.all(works);
});

test('work that fails gives its memory back', async () => {
  const budget = new MemoryBudget(10);
  await expect(budget.use(10, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await budget.use(10, async () => 'next')).toBe('next');
});
