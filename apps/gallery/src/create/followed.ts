/** Ids of the generations that this tab has started: they stay beside the form when no list has them. */

const KEY = 'wan-image.followed';
const MAX = 20;

let ids: readonly string[] | null = null;

export const followed = {
  get: (): readonly string[] => (ids ??= stored()),

  add(id: string): void {
    set([id, ...followed.get().filter((one) => one !== id)].slice(0, MAX));
  },

  remove(id: string): void {
    set(followed.get().filter((one) => one !== id));
  },

  clear(): void {
    set([]);
  },
};

function set(next: readonly string[]): void {
  ids = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Without storage they are followed until the page is reloaded.
  }
}

function stored(): readonly string[] {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(saved) ? saved.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
