/** What is known of a module while files are divided. */
interface ModuleFacts {
  /** Modules that import it statically. */
  readonly importers: readonly string[];
}

interface Modules {
  getModuleInfo(id: string): ModuleFacts | null;
}

const LIBRARY = /\/src\/library\/library-page\.tsx$/;

/** Names the file of a module that the library needs besides what every view needs. Null: as the bundler likes, for what is loaded later. */
export function chunkOf(id: string, modules: Modules): string | null {
  // core's entries import everything there is in core, of which a view uses a part: which, the bundler knows better.
  if (/\/packages\/core\//.test(id)) return null;
  const seen = new Set<string>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (LIBRARY.test(next)) return 'library';
    const facts = seen.has(next) ? null : modules.getModuleInfo(next);
    seen.add(next);
    if (facts !== null) waiting.push(...facts.importers);
  }
  return null;
}
