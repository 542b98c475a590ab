import { errorOfGeneration, type ErrorKind, type GenerationRecord } from '@wan-image/core';
import { useTranslations } from 'use-intl';

/** Why a generation failed, in the words of the page. */
export interface FailureText {
  readonly title: string;
  /** What to do about it; null if there is nothing but to try again. */
  readonly hint: string | null;
}

/** Names of the texts. Unlike a failed request of the page, these are between the service and its upstream. */
const TEXTS = {
  connection_failed: ['connection', 'connectionHint'],
  connection_lost: ['lost', null],
  authentication: ['authentication', 'authenticationHint'],
  out_of_credit: ['credit', 'creditHint'],
  rate_limited: ['rate', 'rateHint'],
  content_refused: ['content', 'contentHint'],
  timed_out: ['timeout', null],
  invalid_request: ['invalid', 'invalidHint'],
  refused: ['invalid', 'invalidHint'],
  server_failed: ['server', null],
  unreadable_response: ['unreadable', null],
  canceled: ['lost', null],
  download_failed: ['unreadable', null],
  sink_failed: ['unreadable', null],
} as const satisfies Readonly<Record<ErrorKind, readonly [string, string | null]>>;

export function useFailureText(): (record: GenerationRecord) => FailureText {
  const t = useTranslations('create.failures');
  return (record) => {
    const [title, hint] = TEXTS[errorOfGeneration(record).kind];
    return { title: t(title), hint: hint === null ? null : t(hint) };
  };
}

/** What the same request would meet again. */
const LASTING: ReadonlySet<ErrorKind> = new Set(['content_refused', 'invalid_request', 'refused'] as const);

/** Whether sending the same request again cannot bill it twice, and may succeed. */
export function mayRetry(record: GenerationRecord): boolean {
  if (record.outcome !== 'not_billed' || record.deleted_at !== null) return false;
  return record.state === 'canceled' || !LASTING.has(errorOfGeneration(record).kind);
}
