/** The longest wait of a page that is never idle. */
const LONGEST_MS = 5000;

/** Where the browser has no word for idle: Safari. */
const SHORT_PAUSE_MS = 500;

/** Runs something once the page has nothing else to do. Returns what prevents it. */
export function whenIdle(run: () => void): () => void {
  // Not in every browser, whatever the types say.
  const { requestIdleCallback: request, cancelIdleCallback: cancel } = globalThis as Partial<typeof globalThis>;
  if (request === undefined || cancel === undefined) {
    const timer = setTimeout(run, SHORT_PAUSE_MS);
    return () => clearTimeout(timer);
  }
  const id = request(run, { timeout: LONGEST_MS });
  return () => cancel(id);
}
