/** Makes a value close itself at the end of a block: `await using server = await …`. */
export function disposable<T extends object>(value: T, dispose: () => Promise<unknown>): T & AsyncDisposable {
  return Object.assign(value, {
    async [Symbol.asyncDispose]() {
      await dispose();
    },
  });
}
