import { startTestServer } from '@wan-image/testing/http-server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onceReachable } from './late.ts';

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.restoreAllMocks());

const gone = (): Promise<never> => Promise.reject(new Error('Failed to fetch dynamically imported module'));

/** Counts how often the page is loaded again. The service that served it is there. */
async function open() {
  const service = await startTestServer((_request, response) => void response.writeHead(200).end());
  (window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL(service.url);
  const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
  return { reload, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

test('a file that is gone loads the page again, once', async () => {
  await using page = await open();
  void onceReachable(gone);
  await expect.poll(() => page.reload.mock.calls.length).toBe(1);
  await expect(onceReachable(gone)).rejects.toThrow('dynamically imported');
  expect(page.reload).toHaveBeenCalledTimes(1);
});

test('a file that is not wanted yet loads nothing again until it is', async () => {
  await using page = await open();
  let isWanted = false;
  await expect(onceReachable(gone, () => isWanted)).rejects.toThrow('dynamically imported');
  expect(page.reload).not.toHaveBeenCalled();
  isWanted = true;
  void onceReachable(gone, () => isWanted);
  await expect.poll(() => page.reload.mock.calls.length).toBe(1);
});
