/**
 * Runs `work` for 0 to `count` - 1 with at most `limit` in flight, and returns the results in that order. Once `isOver` returns true
 * nothing new starts, and what is in flight is awaited, because it may be billed; the results of the others are missing.
 */
export async function inOrder<T>(
  count: number,
  limit: number,
  work: (index: number) => Promise<T>,
  isOver: () => boolean = () => false,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && !isOver()) {
      const index = next++;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
  return results;
}
