/** The bytes of input files, by the key of the input: in memory, and in the browser's database, so that they survive a reload. */

const DATABASE = 'wan-image';
const STORE = 'input-files';

/** How long a file is kept that no form has asked for. A tab that is duplicated shares its files, so none is deleted with its input. */
const KEPT_MS = 2 * 24 * 60 * 60_000;

interface StoredFile {
  readonly blob: Blob;
  /** Since 1970, in milliseconds. */
  readonly usedAt: number;
}

const inMemory = new Map<string, Blob>();
const listeners = new Set<() => void>();

const urls = new Map<string, string>();

export const inputFiles = {
  /** The bytes, if they are in memory. */
  get(key: string): Blob | undefined {
    return inMemory.get(key);
  },

  /** A URL that shows a file; null until it is in memory. It lasts as long as the page, as the file does. */
  urlOf(key: string): string | null {
    const blob = inMemory.get(key);
    const known = urls.get(key);
    if (blob === undefined || known !== undefined) return known ?? null;
    const url = URL.createObjectURL(blob);
    urls.set(key, url);
    return url;
  },

  add(key: string, blob: Blob): void {
    inMemory.set(key, blob);
    void write(key, blob);
    notify();
  },

  /** Reads files into memory after a reload. Resolves with the keys that have no bytes any more. */
  async load(keys: readonly string[]): Promise<readonly string[]> {
    const missing: string[] = [];
    for (const key of keys) {
      if (inMemory.has(key)) continue;
      const blob = await read(key);
      if (blob === null) missing.push(key);
      else {
        inMemory.set(key, blob);
        void write(key, blob);
      }
    }
    notify();
    return missing;
  },

  /** Deletes what no form has asked for in two days. */
  async clean(now = Date.now()): Promise<void> {
    await quietly(async (store) => {
      for (const key of await resultOf(store.getAllKeys())) {
        const file = (await resultOf(store.get(key))) as StoredFile | undefined;
        if (file !== undefined && now - file.usedAt > KEPT_MS) store.delete(key);
      }
    }, undefined);
  },

  /** Deletes all, also those of other tabs, which are of the same session. */
  async clear(): Promise<void> {
    inMemory.clear();
    for (const url of urls.values()) URL.revokeObjectURL(url);
    urls.clear();
    notify();
    await quietly((store) => resultOf(store.clear()), undefined);
  },

  subscribe: (onChange: () => void): (() => void) => {
    listeners.add(onChange);
    return () => listeners.delete(onChange);
  },
};

function notify(): void {
  listeners.forEach((listener) => listener());
}

function read(key: string): Promise<Blob | null> {
  return quietly(async (store) => {
    const file = (await resultOf(store.get(key))) as StoredFile | undefined;
    return file?.blob ?? null;
  }, null);
}

function write(key: string, blob: Blob): Promise<void> {
  const file: StoredFile = { blob, usedAt: Date.now() };
  return quietly(async (store) => void (await resultOf(store.put(file, key))), undefined);
}

/** Without a database, as in some private windows, or with a full one, files last until the page is reloaded. */
async function quietly<Result>(work: (store: IDBObjectStore) => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    const database = await open();
    try {
      return await work(database.transaction(STORE, 'readwrite').objectStore(STORE));
    } finally {
      database.close();
    }
  } catch {
    return otherwise;
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  return resultOf(request);
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result), { once: true });
    request.addEventListener('error', () => reject(request.error ?? new Error('The database failed')), { once: true });
  });
}
