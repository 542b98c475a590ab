/** Something a test opens and that closes by itself: `await using server = await …`. */
export function disposable<T extends object>(value: T, dispose: () => Promise<unknown>): T & AsyncDisposable {
  return Object.assign(value, {
    async [Symbol.asyncDispose]() {
      await dispose();
    },
  });
}
