import { useSyncExternalStore } from 'react';

/** A choice that this browser remembers, in all of its tabs. */
export interface Preference<Value extends string> {
  readonly get: () => Value;
  readonly set: (value: Value) => void;
  readonly subscribe: (onChange: () => void) => () => void;
}

/** Named after the product: other pages may be served under the same origin. Without storage, the choice lasts as long as the tab. */
export function createPreference<Value extends string>(
  name: string,
  values: readonly Value[],
  fallback: () => Value,
): Preference<Value> {
  const key = `wan-image.${name}`;
  const listeners = new Set<() => void>();
  let chosen: Value | null = null;
  const notify = (): void => listeners.forEach((listener) => listener());
  return {
    get: () => values.find((value) => value === (chosen ?? stored(key))) ?? fallback(),
    set(value) {
      chosen = value;
      try {
        localStorage.setItem(key, value);
      } catch {
        // A browser may forbid storage, for example in a private window.
      }
      notify();
    },
    subscribe(onChange) {
      const onStorage = (event: StorageEvent): void => {
        if (event.key !== key) return;
        chosen = null;
        onChange();
      };
      listeners.add(onChange);
      addEventListener('storage', onStorage);
      return () => {
        listeners.delete(onChange);
        removeEventListener('storage', onStorage);
      };
    },
  };
}

/** The present value of a preference; the component renders again when it changes. */
export function usePreference<Value extends string>(preference: Preference<Value>): Value {
  return useSyncExternalStore(preference.subscribe, preference.get);
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
