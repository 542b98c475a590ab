import { expect, test } from 'vitest';
import { openPlace, runHistory } from './support/test-history.ts';

test('a second process on the same data folder is refused, with who holds it and what to do', async () => {
  await using place = await openPlace();
  {
    await using _first = await runHistory(place);
    await expect(runHistory(place)).rejects.toThrow(
      new RegExp(`${place.dataDir} is in use .*process ${process.pid}.*DATABASE_URL`),
    );
  }
  // The first has let go.
  await using _second = await runHistory(place);
});
