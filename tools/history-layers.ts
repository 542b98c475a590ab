import type { Import } from './import-graph.ts';
import { topFolderOf, withoutComments, type SourceFile } from './source-files.ts';

/** Folders of apps/history/src that know nothing of what the service is for. */
const PLATFORM = new Set(['config', 'database', 'http', 'jobs', 'storage', 'telemetry']);

/** Folders that put the features together, so they may import any file of them. `.` is main.ts. */
const COMPOSITION = new Set(['.', 'boot', 'cli']);

export type Layer = 'domain' | 'platform' | 'feature' | 'composition';

export function layerOf(path: string): Layer {
  const folder = topFolderOf(path);
  if (folder === 'domain') return 'domain';
  if (PLATFORM.has(folder)) return 'platform';
  return COMPOSITION.has(folder) ? 'composition' : 'feature';
}

/**
 * Where the sources of history go against its layers, as sentences: domain imports nothing, platform imports platform and domain, and a
 * feature imports of another feature only what that feature's module exports, and its entities: the shape of a table is what its readers
 * share, and who writes it is another test's business.
 */
export function layerViolations(files: readonly SourceFile[], imports: readonly Import[]): readonly string[] {
  const faces = facesOf(files, imports);
  return imports.flatMap((one) => {
    const reason = reasonAgainst(one, faces);
    return reason === null ? [] : [`${one.from}:${one.line} imports ${one.to}: ${reason}`];
  });
}

function reasonAgainst({ from, to }: Import, faces: ReadonlySet<string>): string | null {
  const [source, target] = [layerOf(from), layerOf(to)];
  if (topFolderOf(from) === topFolderOf(to) || source === 'composition') return null;
  if (source === 'domain') return 'domain imports nothing, so that everything may import it';
  if (target === 'composition')
    return 'only main.ts, boot and cli put the service together, so nothing below imports them';
  if (source === 'platform' && target === 'feature') return 'a platform folder knows no feature';
  if (target !== 'feature' || faces.has(to) || to.endsWith('.entity.ts') || areModules(from, to)) return null;
  return `${topFolderOf(to)}.module.ts exports no class of this file, so it is private to ${topFolderOf(to)}`;
}

/** A module imports the modules whose exports its providers use. */
function areModules(from: string, to: string): boolean {
  return from.endsWith('.module.ts') && to.endsWith('.module.ts');
}

/** The files of the classes that the modules of features export. */
export function facesOf(files: readonly SourceFile[], imports: readonly Import[]): ReadonlySet<string> {
  return new Set(
    files
      .filter(({ path }) => path.endsWith('.module.ts') && layerOf(path) === 'feature')
      .flatMap((module) => {
        const exported = exportedNames(module.text);
        return imports
          .filter(({ from, to }) => from === module.path && topFolderOf(to) === topFolderOf(from))
          .filter(({ line }) => importedNames(module.text, line).some((name) => exported.has(name)))
          .map(({ to }) => to);
      }),
  );
}

function exportedNames(text: string): ReadonlySet<string> {
  const lists = [...withoutComments(text).matchAll(/\bexports:\s*\[([^\]]*)\]/g)];
  return new Set(lists.flatMap(([, list = '']) => list.split(',').map((name) => name.trim())));
}

/** The names that the import at this line gives to the file, after `as`. */
function importedNames(text: string, line: number): readonly string[] {
  const statement = withoutComments(text)
    .split('\n')
    .slice(line - 1)
    .join('\n');
  const [, names = ''] = /^import\s+(?:type\s+)?\{([^}]*)\}/.exec(statement) ?? [];
  return names.split(',').map((name) =>
    name
      .replace(/^\s*type\s+/, '')
      .replace(/^.*\sas\s/s, '')
      .trim(),
  );
}
