import { isWanImageError, type ErrorKind, type WanImageError } from '@wan-image/core';
import { useTranslations } from 'use-intl';

/** A failure, in the words of the page. */
export interface ProblemText {
  /** What happened. */
  readonly title: string;
  /** What to do, and what the service says; null if there is nothing to add. */
  readonly detail: string | null;
}

/** A file of the page that a change needs could not be loaded. Nothing was sent. */
export class MissingFileError extends Error {
  override readonly name = 'MissingFileError';

  constructor(cause: unknown) {
    super('A file of the page could not be loaded.', { cause });
  }
}

type Translate = ReturnType<typeof useTranslations<'problems'>>;

/** Puts failures into words: a title, then what to do. The service's own sentence, which names the field and the limit, comes last. */
export function useProblemText(): (error: unknown) => ProblemText {
  const t = useTranslations('problems');
  return (error) => problemText(error, t);
}

function problemText(error: unknown, t: Translate): ProblemText {
  if (error instanceof MissingFileError) return { title: t('file'), detail: t('fileHint') };
  if (!isWanImageError(error)) return { title: t('unknown'), detail: error instanceof Error ? error.message : null };
  const [title, hint] = wordsOf(error, t);
  const said = error.serverMessage ?? (hint === null ? error.message : null);
  return { title, detail: [hint, said].filter((part) => part !== null).join(' ') || null };
}

/** What the service says when neither its store nor its own disk takes anything. */
const NO_SPACE = 'storage_unavailable';

function wordsOf(error: WanImageError, t: Translate): readonly [title: string, hint: string | null] {
  if (error.code === NO_SPACE) return [t('storage'), t('storageHint')];
  if (error.status === 403) return [t('forbidden'), t('forbiddenHint')];
  if (error.status === 404 || error.status === 410) return [t('notFound'), t('notFoundHint')];
  if (error.status === 409) return [t('conflict'), null];
  return wordsOfKind(error, t);
}

function wordsOfKind(error: WanImageError, t: Translate): readonly [title: string, hint: string | null] {
  const words = WORDS[error.kind];
  return words === undefined ? [t('unknown'), null] : words(t, error);
}

type Words = (t: Translate, error: WanImageError) => readonly [title: string, hint: string | null];

const connection: Words = (t) => [t('connection'), t('connectionHint')];
const invalid: Words = (t) => [t('invalid'), null];
const server: Words = (t, { requestId }) => [t('server'), t('serverHint', { requestId: requestId ?? '–' })];

const WORDS: Readonly<Partial<Record<ErrorKind, Words>>> = {
  connection_failed: connection,
  connection_lost: connection,
  authentication: (t) => [t('authentication'), t('authenticationHint')],
  out_of_credit: (t) => [t('credit'), t('creditHint')],
  rate_limited: (t, { retryAfterMs }) => [t('rate'), t('rateHint', { seconds: Math.ceil((retryAfterMs ?? 0) / 1000) })],
  content_refused: (t) => [t('content'), t('contentHint')],
  timed_out: (t) => [t('timeout'), t('timeoutHint')],
  invalid_request: invalid,
  refused: invalid,
  server_failed: server,
  unreadable_response: server,
};
