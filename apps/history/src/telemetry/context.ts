import { AsyncLocalStorage } from 'node:async_hooks';

/** What log lines are attributed to. */
export interface Context {
  /** The `x-request-id` of the HTTP request. */
  readonly requestId?: string;
  readonly generationId?: string;
}

/** A request learns its generation only while it is handled, so one field of its context can still be set. */
type Store = { -readonly [Field in keyof Context]: Context[Field] };

const storage = new AsyncLocalStorage<Store>();

/** What the running code belongs to; empty outside of requests and generations. */
export function currentContext(): Context {
  return storage.getStore() ?? {};
}

/**
 * Runs a function, and all that it starts, in a context of its own. Nothing is inherited: work of one request may start in a callback
 * that belongs to another one on the same connection.
 */
export function withNewContext<T>(context: Context, run: () => T): T {
  return storage.run({ ...context }, run);
}

/** Runs a function, and all that it starts, in the current context extended by these fields. The surrounding code keeps its own. */
export function withContext<T>(fields: Context, run: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, run);
}

/** Attributes the rest of the current request to a generation. Without effect outside of a request. */
export function setGeneration(generationId: string): void {
  const store = storage.getStore();
  if (store !== undefined) store.generationId = generationId;
}
