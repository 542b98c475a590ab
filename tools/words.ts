import { withoutComments } from './source-files.ts';

/** A word of the project's former private language, and the term that everybody knows. */
export interface Word {
  readonly name: string;
  readonly instead: string;
}

/** Not written anywhere, alone or within an identifier: each has one term in this project. */
const EVERYWHERE: readonly (Word & { readonly pattern: RegExp })[] = [
  { name: 'picture', instead: 'image', pattern: /picture/gi },
  { name: 'answer', instead: 'response', pattern: /answer/gi },
  { name: 'reply', instead: 'response', pattern: /repl(?:y|ies|ied)/gi },
];

const names = (instead: string, ...found: readonly string[]): readonly Word[] =>
  found.map((name) => ({ name, instead }));

/** Not written as identifiers. In prose most of them are good English; as names of things the field has better ones. */
const IDENTIFIERS: readonly Word[] = [
  ...names('IdempotencyService or SingleFlight', 'OnceService'),
  ...names('SubmitCommand', 'Asked'),
  ...names('enqueue, Enqueued or disconnect', 'leave', 'Left'),
  ...names('signal or onDisconnect', 'left', 'whenLeft'),
  ...names('onSettled or cleanUp', 'over'),
  ...names('RunHandle, InsertOptions or InsertResult', 'Begun', 'Beginning', 'Started'),
  ...names('existing, or allowed', 'taken'),
  ...names('inFlight or idAssigned', 'making', 'begun', 'underWay'),
  ...names('OrphanedResponses', 'Undelivered'),
  ...names('dedupeKey', 'placeOf'),
  ...names('waiters', '#count', '#callers'),
  ...names('findOriginal or awaitOriginal', '#first', '#join'),
  ...names('RetryHints or parseRetryHeaders', 'Repetition', 'repetitionOf'),
  ...names('resolveId', 'tell'),
  ...names(
    'UpstreamSlots: acquire, release, notifyReleased, availableSlots',
    'TurnsService',
    'takeTurns',
    'giveBack',
    'freed',
    'freePlaces',
  ),
  ...names(
    'WorkerLeases: heartbeat, expireOtherWorkers, deleteExpiredWorkers',
    'WorkService',
    'beat',
    'buryOthers',
    'forgetDead',
  ),
  ...names('orphanedRunning or orphanedQueued', 'sentByTheDead', 'abandoned'),
  ...names('reconcileQueued or Reconciled', 'goneOf', 'Gone'),
  ...names('claim', 'adopt'),
  ...names('applyCancelRequests or cancelRequested', 'heedCancels', 'cancelsAsked'),
  ...names('OutcomeRecorder.flush or a buffer', 'EndingsService', 'recordLate', 'unrecorded'),
  ...names('markNotSent', 'neverSent', 'NEVER_SENT'),
  ...names('openHandover or takeOver', 'openLine', 'Line', 'succeed'),
  ...names('ApiKeyCache or CACHE_TTL_MS', 'KnownKeys', 'BELIEVED_MS'),
  ...names('stage, SpillWriter or StagedFile', 'land', 'Landing', 'Landed'),
  ...names('chunks', 'pieces'),
  ...names('touch', 'renew'),
  ...names('store or StoredImage', 'keep', 'KeptImage'),
  ...names('EventCursor or isUpToDate', 'Told', 'knowsAll'),
  ...names('TaskRunner or periodic tasks', 'Duties', 'Upkeep', 'livelyDutiesOf', 'promptDutiesOf'),
  ...names('checkpoint', 'reached'),
  ...names('GcReport, shard, pass or full', 'Swept', 'part', 'round', 'whole'),
  ...names('normalized or definedOnly', 'meant', 'given'),
  ...names('placeholder, invalidate, JsonPath or ExtractionRules', 'standIn', 'spoil', 'Place', 'ImageLayout'),
  ...names('asUnbilled or UNKNOWN_OUTCOME_ADVICE', 'ofFreeRequest', 'IN_DOUBT'),
  ...names('ResponseParts or HeldBytes', 'Harvest', 'Held', 'sunk'),
  ...names('ignoreIdleConnectionErrors', 'heedNoEnd'),
  ...names('existingIds, alsoInTransaction or KEY_EXPIRED', 'thereOf', 'together', 'IS_OVER'),
  ...names('findByIdempotencyKey', 'standsFor'),
];

/** Where a word stands. */
export interface Finding extends Word {
  readonly path: string;
  /** From 1; 0 for the path itself. */
  readonly line: number;
  /** The line, or the path. */
  readonly text: string;
}

export function sentenceOf({ path, line, name, instead }: Finding): string {
  const at = line === 0 ? path : `${path}:${line}`;
  return `${at}: "${name}": use ${instead}`;
}

/** How often each word stands in each folder, as lines. */
export function countsOf(findings: readonly Finding[]): string {
  const counts = new Map<string, Map<string, number>>();
  for (const { path, name } of findings) {
    const folder = path.split('/').slice(0, -1).slice(0, 4).join('/') || '.';
    const words = counts.get(folder) ?? new Map<string, number>();
    counts.set(folder, words.set(name, (words.get(name) ?? 0) + 1));
  }
  return [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([folder, words]) => `${folder}: ${[...words].map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
    .join('');
}

/** Every word of a file, and of its path, that has a better term. Identifiers are looked for in code alone. */
export function findingsIn(path: string, text: string): readonly Finding[] {
  const lines = text.split('\n');
  const words = [path, ...lines].flatMap((line, index) =>
    EVERYWHERE.flatMap(({ name, instead, pattern }) =>
      Array.from(line.matchAll(pattern), () => ({ name, instead, path, line: index, text: line })),
    ),
  );
  return isCode(path) ? [...words, ...identifiersIn(path, text, lines)] : words;
}

function isCode(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

const BY_NAME: ReadonlyMap<string, Word> = new Map(IDENTIFIERS.map((word) => [word.name, word]));

function identifiersIn(path: string, text: string, lines: readonly string[]): readonly Finding[] {
  return identifierLines(text).flatMap((code, index) =>
    Array.from(code.matchAll(/(#?)\b[A-Za-z_$][\w$]*/g)).flatMap(([token]) => {
      const word = BY_NAME.get(token) ?? BY_NAME.get(token.replace(/^#/, ''));
      return word === undefined ? [] : [{ ...word, path, line: index + 1, text: lines[index] ?? '' }];
    }),
  );
}

const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[^])*`/g;

/** Code by lines, without comments and strings; of templates, what they insert stays. */
function identifierLines(text: string): readonly string[] {
  const code = withoutComments(text).replace(STRING, (string) => {
    if (!string.startsWith('`')) return '';
    return string.replace(
      /\$\{([^{}]*)\}|[^\n]/g,
      (_, inserted: string = '') => ` ${inserted.replaceAll(/'[^']*'/g, '')} `,
    );
  });
  return code.split('\n');
}
