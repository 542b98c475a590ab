import { lineOf, withoutComments, type SourceFile } from './source-files.ts';

/** A change of the record that exactly one statement makes; `folder` is where that statement may stand. */
export interface SinglePlace {
  readonly fact: string;
  readonly patterns: readonly RegExp[];
  readonly folder: string;
}

/** What is against it that one statement makes the change, as sentences: none, more than one, or one in another folder. */
export function violationsOf({ fact, patterns, folder }: SinglePlace, files: readonly SourceFile[]): readonly string[] {
  const found = files.flatMap(({ path, text }) => {
    const code = withoutComments(text);
    return patterns
      .flatMap((pattern) => [...code.matchAll(pattern)])
      .map(({ index }) => ({ path, at: `${path}:${lineOf(code, index)}` }));
  });
  const places = found.map(({ at }) => at).join(', ');
  if (found.length === 0) return [`nothing ${fact}, or not in words that this test knows`];
  if (found.length > 1) return [`more than one place ${fact}: ${places}`];
  return found.every(({ path }) => path.startsWith(folder)) ? [] : [`${places} ${fact}: only ${folder} may`];
}

/** From `update x` to the end of what it sets. */
const setClauseOf = (table: string): string => String.raw`\bupdate\s+${table}\b(?:(?!\b(?:where|returning)\b)[^\`])*?`;

/** Each of these happens to a generation in one statement, so that what has to happen with it cannot be forgotten in another. */
export const SINGLE_PLACES: readonly SinglePlace[] = [
  {
    fact: 'sets a final state',
    patterns: [
      new RegExp(
        String.raw`${setClauseOf('generation')}\b(?:state\s*=\s*'(?:succeeded|failed|canceled)'|finished_at\s*=)`,
        'g',
      ),
      // A list of columns from a constant: that of an end.
      new RegExp(String.raw`${setClauseOf('generation')}\bset\s*\(\s*\$\{`, 'g'),
      /\bupdate\(\s*GenerationEntity\b[^;]*?\b(?:finishedAt\b|state:\s*'(?:succeeded|failed|canceled)')/g,
    ],
    folder: 'ledger/',
  },
  {
    fact: 'settles spend',
    patterns: [new RegExp(String.raw`${setClauseOf('key_spend')}\bspent\s*=`, 'g'), /\bupdate\(\s*KeySpendEntity\b/g],
    folder: 'spending/',
  },
  {
    fact: 'frees an idempotency key because of an outcome',
    patterns: [
      /\bdelete\s+from\s+idempotency_key\b(?![^`)]*\b(?:created_at|expires_at|validFrom)\b)/g,
      /\bdelete\(\s*IdempotencyKeyEntity\b(?![^;]*\b(?:createdAt|validFrom)\b)/g,
      /\bdelete\(\)\s*\.from\(\s*IdempotencyKeyEntity\b(?![^;]*\b(?:createdAt|validFrom)\b)/g,
    ],
    folder: 'ledger/',
  },
  {
    fact: 'resolves an unknown outcome',
    patterns: [
      /\bresolved_at\s*=(?!=)/g,
      /\bupdate\(\s*GenerationEntity\b[^;]*?\bresolvedAt\b/g,
      /\bchanges:\s*\{[^}]*\bresolvedAt\b/g,
    ],
    folder: 'ledger/',
  },
  {
    fact: 'marks an image lost',
    patterns: [/\bstate(?::|\s*=)\s*(?:[^,;\n'|]*[^?]\?\s*)?'lost'/g, /\([^()'\n]*,\s*'lost'\)/g],
    folder: 'ledger/',
  },
];
