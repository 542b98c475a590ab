import { lineOf, topFolderOf, withoutComments, type SourceFile } from './source-files.ts';

/** A statement that writes rows; `table` is null where the statement names it only at run time. */
export interface TableWrite {
  readonly path: string;
  readonly line: number;
  readonly table: string | null;
}

/** A write by another folder than the owner's, and why it stands there. */
export interface WriteException {
  readonly folder: string;
  readonly table: string;
  readonly reason: string;
}

const NAME = String.raw`(?:(?:only\s+)?"?(?<table>\w+)"?|\$\{)`;

/** `do update set` and `for update` name no table: the first is part of an insert, the second of a read. */
const SQL_WRITES = [
  new RegExp(String.raw`\binsert\s+into\s+${NAME}`, 'gi'),
  new RegExp(String.raw`\bdelete\s+from\s+${NAME}`, 'gi'),
  new RegExp(String.raw`\bmerge\s+into\s+${NAME}`, 'gi'),
  new RegExp(String.raw`\btruncate\s+(?:table\s+)?${NAME}`, 'gi'),
  new RegExp(String.raw`(?<!\bdo\s+)\bupdate\s+${NAME}[^\s]*\s+(?:(?:as\s+)?(?!set\b)\w+\s+)?set\b`, 'gi'),
];

/** A TypeORM repository can write, so code that gets one for an entity counts as writing its table. */
const ENTITY_WRITES = [
  /\.insert\(\)\s*\.into\(\s*(?<entity>\w+)/g,
  /\.(?:delete|softDelete)\(\)\s*\.from\(\s*(?<entity>\w+)/g,
  /\.(?:insert|update|upsert|delete|save|remove|softDelete|softRemove|restore|increment|decrement|clear)\(\s*(?<entity>[A-Z]\w*Entity)\b/g,
  /\b(?:getRepository|getTreeRepository|InjectRepository)\(\s*(?<entity>\w+)/g,
];

/** Every statement of these files that writes rows, as SQL or through TypeORM. */
export function tableWritesOf(files: readonly SourceFile[]): readonly TableWrite[] {
  const tables = new Map(files.flatMap(({ text }) => entitiesOf(text)));
  return files.flatMap(({ path, text }) => {
    const code = withoutComments(text);
    const found = (patterns: readonly RegExp[]): RegExpExecArray[] =>
      patterns.flatMap((pattern) => [...code.matchAll(pattern)]);
    const write = (match: RegExpExecArray, table: string | null): TableWrite => ({
      path,
      line: lineOf(code, match.index),
      table,
    });
    return [
      ...found(SQL_WRITES).map((match) => write(match, match.groups?.['table']?.toLowerCase() ?? null)),
      ...found(ENTITY_WRITES).map((match) => write(match, tables.get(match.groups?.['entity'] ?? '') ?? null)),
    ];
  });
}

/** The entities of a file, each with its table. */
function entitiesOf(text: string): readonly (readonly [entity: string, table: string])[] {
  const classes = text.matchAll(/@Entity\(\s*(?:\{[^}]*\bname:\s*)?'(?<table>\w+)'[^]*?\bclass\s+(?<entity>\w+)/g);
  return [...classes].map(({ groups }) => [groups?.['entity'] ?? '', groups?.['table'] ?? ''] as const);
}

/** The writes of tables by folders that do not own them, as sentences. An exception that nothing needs is one too. */
export function foreignWrites(
  writes: readonly TableWrite[],
  owners: ReadonlyMap<string, string>,
  exceptions: readonly WriteException[],
): readonly string[] {
  const isException = ({ path, table }: TableWrite, exception: WriteException): boolean =>
    exception.folder === topFolderOf(path) && exception.table === table;
  const foreign = writes.filter(({ path, table }) => table === null || owners.get(table) !== topFolderOf(path));
  const unused = exceptions.filter((exception) => !foreign.some((write) => isException(write, exception)));
  return [
    ...foreign
      .filter((write) => !exceptions.some((one) => isException(write, one)))
      .map((write) => sentenceOf(write, owners)),
    ...unused.map(({ folder, table }) => `${folder} does not write ${table}: remove the exception`),
  ];
}

function sentenceOf({ path, line, table }: TableWrite, owners: ReadonlyMap<string, string>): string {
  const at = `${path}:${line}`;
  if (table === null) return `${at} writes a table that its statement does not name, so its owner cannot be checked`;
  const owner = owners.get(table);
  if (owner === undefined) return `${at} writes ${table}, which has no owner: add it to the table of owners`;
  return `${at} writes ${table}, which only ${owner} writes: let ${owner} export a function or a fragment of SQL for it`;
}
