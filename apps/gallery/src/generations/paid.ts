import { isWanImageError } from '@wan-image/core';

/** A paid request that was sent, until it is certain what became of it. */
export interface Attempt {
  /** Its idempotency key: with it, the same request is carried out and billed once. */
  readonly key: string;
  /** When it was sent first, in milliseconds since 1970. */
  readonly sentAt: number;
  /** Whether the response to one of its sendings was lost, or not read yet. What the service says of a later one does not take that back. */
  readonly mayBeDone: boolean;
}

/** The service knows a key for 24 hours; an hour less, because clocks differ. */
const KEY_LIFETIME_MS = 23 * 60 * 60_000;

/** A new attempt. */
export function newAttempt(key: string, now: number = Date.now()): Attempt {
  return { key, sentAt: now, mayBeDone: false };
}

/** Whether the service still knows the key, so that sending the request again is safe. */
export function isRepeatable({ sentAt }: Attempt, now: number = Date.now()): boolean {
  return now - sentAt < KEY_LIFETIME_MS;
}

/**
 * The same attempt as it is sent again. That it is still there says that no response to it was read: the page may have been reloaded, or another
 * sending is under way. So it may be done, whatever the service says now.
 */
export function sentAgain<Kind extends Attempt>(attempt: Kind): Kind {
  return { ...attempt, mayBeDone: true };
}

/** What is left of an attempt after a failure: null if it is certain that it made nothing, or that nothing more becomes of it. */
export function afterFailure<Kind extends Attempt>(attempt: Kind, error: unknown): Kind | null {
  // It was done, and deleted since: the same key has no other response any more.
  if (isWanImageError(error) && error.code === 'generation_deleted') return null;
  // What is no error of the client was not sent.
  const isUnsent = !isWanImageError(error) || error.outcome === 'not_billed';
  if (isUnsent && !attempt.mayBeDone) return null;
  return { ...attempt, mayBeDone: true };
}

/** Presses that follow each other this quickly are one: a double click, or a key that is held on a button. */
const ONE_PRESS_MS = 1000;

/** Tells a press from the repetitions of one that was just made. */
export function createPressGuard(now: () => number = () => Date.now()): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const isNew = now() - last >= ONE_PRESS_MS;
    last = now();
    return isNew;
  };
}

/** A paid request with everything that is to be the same when it is sent again. */
interface PaidAttempt<Payload> extends Attempt {
  readonly payload: Payload;
}

interface PaidRequest<Payload, Result> {
  /** What is pressed, such as "run this generation again". */
  readonly name: string;
  /** What is chosen anew for each, such as a seed. It has to survive JSON. */
  readonly newPayload: () => Payload;
  readonly newKey: () => string;
  readonly send: (payload: Payload, key: string) => Promise<Result>;
}

type AttemptStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'wan-image.paid.';

/**
 * Sends paid requests by their name. As long as it is unknown what became of one, the same name sends the same request with the same key, from
 * whichever view and also after a reload. Repetitions of a press get the result of that press.
 */
export function createPaidRequests(storage: () => AttemptStorage, now: () => number = () => Date.now()) {
  const attempts = createAttempts(storage);
  const presses = new Map<string, { readonly isNew: () => boolean; result: Promise<unknown> | null }>();
  const sendOnce = async <Payload, Result>({
    name,
    newPayload,
    newKey,
    send,
  }: PaidRequest<Payload, Result>): Promise<Result> => {
    const press = presses.get(name) ?? { isNew: createPressGuard(now), result: null };
    presses.set(name, press);
    const isNew = press.isNew();
    if (press.result !== null && !isNew) return press.result as Promise<Result>;
    const known = attempts.get(name) as PaidAttempt<Payload> | null;
    const attempt =
      known !== null && isRepeatable(known, now())
        ? sentAgain(known)
        : { ...newAttempt(newKey(), now()), payload: newPayload() };
    attempts.set(name, attempt);
    // Another press may have begun meanwhile, with the same key or, later, with another one.
    const settle = (rest: (current: PaidAttempt<unknown>) => PaidAttempt<unknown> | null): void => {
      const current = attempts.get(name);
      if (current?.key === attempt.key) attempts.set(name, rest(current));
    };
    const result = send(attempt.payload, attempt.key).then(
      (value) => {
        settle(() => null);
        return value;
      },
      (error: unknown) => {
        settle((current) => afterFailure(current, error));
        // The next press tries again, however soon it comes.
        if (press.result === result) press.result = null;
        throw error;
      },
    );
    press.result = result;
    return result;
  };
  const forget = (): void => {
    presses.clear();
    attempts.clear();
  };
  return { send: sendOnce, forget };
}

const requests = createPaidRequests(() => sessionStorage);

/** Sends a paid request of this tab. */
export const sendPaid = requests.send;

/** Forgets the attempts of this tab: after somebody has signed out, the next one is somebody else. */
export const forgetPaid = requests.forget;

/** In the storage of the tab; where a browser forbids that, for as long as the page lives. */
function createAttempts(storage: () => AttemptStorage) {
  const remembered = new Map<string, PaidAttempt<unknown>>();
  return {
    get(name: string): PaidAttempt<unknown> | null {
      const known = remembered.get(name);
      if (known !== undefined) return known;
      try {
        return JSON.parse(storage().getItem(PREFIX + name) ?? 'null') as PaidAttempt<unknown> | null;
      } catch {
        return null;
      }
    },
    set(name: string, attempt: PaidAttempt<unknown> | null): void {
      if (attempt === null) remembered.delete(name);
      else remembered.set(name, attempt);
      try {
        if (attempt === null) storage().removeItem(PREFIX + name);
        else storage().setItem(PREFIX + name, JSON.stringify(attempt));
      } catch {
        // Full or forbidden.
      }
    },
    clear(): void {
      remembered.clear();
      try {
        for (const key of Object.keys(storage())) if (key.startsWith(PREFIX)) storage().removeItem(key);
      } catch {
        // Forbidden: there was nothing.
      }
    },
  };
}
