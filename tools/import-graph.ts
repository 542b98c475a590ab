import { posix } from 'node:path';
import { folderOf, lineOf, withoutComments, type SourceFile } from './source-files.ts';

/** One relative import, of values or of types, between two files of the same sources. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

/** Static imports and re-exports begin a line; code inside a string, such as that of a test of lint, does not. */
const IMPORTS = [
  /^(?:import|export)\s[^'"`;]*?\bfrom\s+'(?<to>\.[^']*)'/gm,
  /^import\s+'(?<to>\.[^']*)'/gm,
  /\bimport\(\s*'(?<to>\.[^']*)'/g,
];

/** Every import of another file of the same sources. Packages are no nodes of this graph: lint decides about them. */
export function importsOf(files: readonly SourceFile[]): readonly Import[] {
  const known = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path, text }) => {
    const code = withoutComments(text);
    return IMPORTS.flatMap((pattern) => code.matchAll(pattern).toArray()).flatMap((match) => {
      const to = resolve(path, match.groups?.['to'] ?? '', known);
      return to === null ? [] : [{ from: path, to, line: lineOf(code, match.index) }];
    });
  });
}

/** Null for what is no source, such as a JSON file. */
function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | null {
  const path = posix.join(folderOf(from), specifier);
  const candidates = [path, path.replace(/\.(m?)js$/, '.$1ts'), `${path}.ts`, `${path}/index.ts`];
  return candidates.find((candidate) => known.has(candidate)) ?? null;
}

/**
 * The groups of folders that can all reach each other, as sentences: a folder that files lie in is a node, so `gateway` and
 * `gateway/intake` are two. Imports of types count: who reads one folder of a cycle has to know them all.
 */
export function folderCycles(imports: readonly Import[]): readonly string[] {
  const edges = edgesOf(imports);
  return knotsOf(edges).map((knot) => {
    const members = new Set(knot);
    const inside = [...edges].flatMap(([from, targets]) =>
      members.has(from) ? [...targets].filter(([to]) => members.has(to)).map(([, example]) => example) : [],
    );
    const examples = inside.map(({ from, line, to }) => `\n  ${from}:${line} imports ${to}`);
    return `These folders import each other in a cycle: ${knot.join(', ')}${examples.join('')}`;
  });
}

type Edges = ReadonlyMap<string, ReadonlyMap<string, Import>>;

/** From folder to folder, each with the first import that makes it. */
function edgesOf(imports: readonly Import[]): Edges {
  const edges = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    const [from, to] = [folderOf(one.from), folderOf(one.to)];
    if (from === to) continue;
    const targets = edges.get(from) ?? new Map<string, Import>();
    edges.set(from, targets);
    if (!targets.has(to)) targets.set(to, one);
  }
  return edges;
}

/** The strongly connected components of more than one folder. There are some thirty folders, so reachability is good enough. */
function knotsOf(edges: Edges): readonly (readonly string[])[] {
  const reach = new Map([...edges.keys()].map((folder) => [folder, reachableFrom(folder, edges)]));
  const inCycle = [...edges.keys()].filter((folder) => reach.get(folder)?.has(folder));
  const knots = inCycle.map((folder) =>
    inCycle.filter((other) => reach.get(folder)?.has(other) && reach.get(other)?.has(folder)).toSorted(),
  );
  return [...new Map(knots.map((knot) => [knot.join(), knot])).values()];
}

function reachableFrom(folder: string, edges: Edges): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const to of edges.get(next)?.keys() ?? []) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}
