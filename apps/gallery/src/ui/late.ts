import { createElement, lazy, useSyncExternalStore, type FunctionComponent, type LazyExoticComponent } from 'react';

/** A pause before the service is asked again. */
const PAUSE_MS = 1000;

const RELOADED = 'wan-image.reloaded';

/**
 * A component whose file is loaded when it is needed. Without a connection it comes when there is one again: what cannot be loaded takes
 * nothing from what is on the page. `otherwise` stands for what the page can do without; anything else that cannot be loaded is the problem of
 * the view that asked for it.
 */
export function late<Props>(
  load: () => Promise<FunctionComponent<Props>>,
  otherwise?: FunctionComponent<Props>,
): LazyExoticComponent<FunctionComponent<Props>> {
  return lazy(async () => {
    try {
      return { default: await onceReachable(load) };
    } catch (error) {
      if (otherwise === undefined) throw error;
      return { default: otherwise };
    }
  });
}

/**
 * A component whose file is loaded at once, beside what is more urgent. It shows nothing until then. React waits for some 300 ms before it
 * reveals what was suspended, in which keys would be lost: this one is there as soon as its file is.
 */
export function soon<Props extends object>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  let state: { readonly component?: FunctionComponent<Props>; readonly error?: unknown } = {};
  const listeners = new Set<() => void>();
  const set = (next: typeof state): void => {
    state = next;
    listeners.forEach((listener) => listener());
  };
  onceReachable(load).then(
    (component) => set({ component }),
    (error: unknown) => set({ error }),
  );
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return function Soon(props) {
    const { component, error } = useSyncExternalStore(subscribe, () => state);
    if (error !== undefined) throw error;
    return component === undefined ? null : createElement(component, props);
  };
}

/**
 * Loads a file of the page. A browser does not ask again for a module that it could not load, so it is not asked for without a connection.
 * Where that fails all the same, because the service was away or has another version of the page now, the page is loaded again, once: what
 * is in its form is kept. What is not wanted yet, because a pointer is only above the link to it, loads nothing again: it fails, and is asked
 * for again when it is wanted.
 */
export async function onceReachable<Loaded>(
  load: () => Promise<Loaded>,
  isWanted: () => boolean = () => true,
): Promise<Loaded> {
  while (!navigator.onLine) await pause();
  try {
    return await load();
  } catch (error) {
    while (!(await canReach())) await pause();
    if (!isWanted() || !mayReload(String(error))) throw error;
    location.reload();
    return new Promise<never>(() => undefined);
  }
}

/** Whether the page was not yet loaded again because of this. */
function mayReload(reason: string): boolean {
  try {
    if (sessionStorage.getItem(RELOADED) === reason) return false;
    sessionStorage.setItem(RELOADED, reason);
    return true;
  } catch {
    // Without storage it could not be told from the first time.
    return false;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function canReach(): Promise<boolean> {
  return fetch('/favicon.svg', { method: 'HEAD', cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}
