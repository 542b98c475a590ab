import { useSyncExternalStore } from 'react';
import { newDraft, type Draft } from './draft.ts';
import type { Settings } from './settings.ts';

const KEY = 'wan-image.draft';

/** What the form contains, for as long as the tab lives. */
export interface DraftStore {
  readonly get: () => Draft;
  readonly set: (next: Draft) => void;
  readonly update: (change: Partial<Draft>) => void;
  readonly updateSettings: (change: Partial<Settings>) => void;
  readonly subscribe: (onChange: () => void) => () => void;
}

/** The storage of the tab: it survives a reload, and another tab has its own, so that neither overwrites what is typed in the other. */
export function createDraftStore(storage: () => Pick<Storage, 'getItem' | 'setItem'>): DraftStore {
  const listeners = new Set<() => void>();
  let draft: Draft | null = null;
  const get = (): Draft => (draft ??= stored(storage));
  const set = (next: Draft): void => {
    draft = next;
    try {
      storage().setItem(KEY, JSON.stringify(next));
    } catch {
      // A browser may forbid storage, for example in a private window: the form then lives as long as the page.
    }
    listeners.forEach((listener) => listener());
  };
  return {
    get,
    set,
    update: (change) => set({ ...get(), ...change }),
    updateSettings: (change) => set({ ...get(), settings: { ...get().settings, ...change } }),
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

export const draftStore = createDraftStore(() => sessionStorage);

export function useDraft(): Draft {
  return useSyncExternalStore(draftStore.subscribe, draftStore.get);
}

function stored(storage: () => Pick<Storage, 'getItem'>): Draft {
  const empty = newDraft();
  try {
    const saved = JSON.parse(storage().getItem(KEY) ?? '{}') as Partial<Draft>;
    return { ...empty, ...saved, settings: { ...empty.settings, ...saved.settings } };
  } catch {
    return empty;
  }
}
