/**
 * The results of `work` for 0 to `count` - 1, in this order, with at most `limit` at a time under way; those that were never begun
 * are missing. Nothing is begun any more once `isOver` says so, and what was begun is waited for: it may have been paid for.
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
