import { isRepeatable, newAttempt, sentAgain, type Attempt } from '../generations/paid.ts';
import { newSeed, newSettings, parametersOf, type Settings } from './settings.ts';

/** An input image of the form. */
export type DraftInput = FileInput | UrlInput;

interface InputFacts {
  /** Tells the inputs of a form apart. */
  readonly key: string;
  /** In pixels; null until, and unless, it is known. */
  readonly width: number | null;
  readonly height: number | null;
}

/** A file. Its bytes are not in the draft, but in `input-files.ts`. */
export interface FileInput extends InputFacts {
  readonly kind: 'file';
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** Why it cannot be sent, in the words of core; null if it can. */
  readonly problem: string | null;
}

/** A URL, which may be that of an image of this history. */
export interface UrlInput extends InputFacts {
  readonly kind: 'url';
  readonly url: string;
  /** Id of the image of this history; null for any other. */
  readonly imageId: string | null;
  /** Whether this service serves it, so that the page may show it. */
  readonly isOwn: boolean;
}

/** The earlier generation that the form repeats with changes. */
export interface Origin {
  readonly id: string;
  /** Its inputs. As long as the form has the same ones, the service uses those that it has. */
  readonly urls: readonly string[];
}

/** A request that was sent, until it is certain what became of it. */
export interface DraftAttempt extends Attempt {
  /** What was sent. Another request needs another key. */
  readonly fingerprint: string;
}

/** Everything that is in the form. */
export interface Draft {
  readonly settings: Settings;
  readonly inputs: readonly DraftInput[];
  /** The seed that was sent last. An unlocked seed is sent once. */
  readonly sentSeed: number | null;
  readonly origin: Origin | null;
  readonly attempt: DraftAttempt | null;
}

export function newDraft(): Draft {
  return { settings: newSettings(), inputs: [], sentSeed: null, origin: null, attempt: null };
}

/** Whether nothing would be lost by replacing it. */
export function isUntouched({ settings, inputs }: Draft): boolean {
  return settings.prompt.trim() === '' && inputs.length === 0;
}

/** What is sent for a draft, but the bytes of files: two drafts with the same fingerprint are the same request. */
export function fingerprintOf({ settings, inputs, origin }: Draft): string {
  const images = inputs.map((input) => (input.kind === 'file' ? input.key : input.url));
  return JSON.stringify([parametersOf(settings, images.length > 0), images, origin?.id ?? null]);
}

/** The attempt at this very request, if it is still unknown what became of it. */
export function unsettledAttempt(draft: Draft): DraftAttempt | null {
  const { attempt } = draft;
  return attempt !== null && attempt.fingerprint === fingerprintOf(draft) ? attempt : null;
}

/**
 * The draft as it is sent: with a seed that was not sent before, unless it is locked, and with the key of its request. A request whose
 * response is unknown has the same seed and the same key again, as long as the service knows the key.
 */
export function withAttempt(draft: Draft, newKey: () => string): Draft & { readonly attempt: DraftAttempt } {
  const unsettled = unsettledAttempt(draft);
  if (unsettled !== null && isRepeatable(unsettled)) return { ...draft, attempt: sentAgain(unsettled) };
  const { settings } = draft;
  const needsSeed = !settings.isSeedLocked && settings.seed === draft.sentSeed;
  const next = needsSeed ? { ...draft, settings: { ...settings, seed: newSeed() } } : draft;
  return { ...next, attempt: { ...newAttempt(newKey()), fingerprint: fingerprintOf(next) } };
}

/** Whether the inputs are those of the generation that is repeated. */
export function hasInputsOfOrigin({ inputs, origin }: Draft): boolean {
  return (
    origin !== null &&
    inputs.length === origin.urls.length &&
    inputs.every((input, index) => input.kind === 'url' && input.url === origin.urls[index])
  );
}

/** The inputs with one of them at another place. */
export function movedInput(inputs: readonly DraftInput[], key: string, index: number): readonly DraftInput[] {
  const moved = inputs.find((input) => input.key === key);
  if (moved === undefined) return inputs;
  const others = inputs.filter((input) => input.key !== key);
  return others.toSpliced(Math.max(0, Math.min(index, others.length)), 0, moved);
}

/** The size of the last input, whose shape a preset follows; null if it is unknown. */
export function lastInputSize(inputs: readonly DraftInput[]): { width: number; height: number } | null {
  const last = inputs.at(-1);
  return last === undefined || last.width === null || last.height === null
    ? null
    : { width: last.width, height: last.height };
}
