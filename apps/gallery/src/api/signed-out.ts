import { useSyncExternalStore } from 'react';

/** Why a sign-in is asked for: `required` before anything was shown, `expired` in the middle of work. */
export type SignedOut = 'required' | 'expired';

const listeners = new Set<() => void>();
let state: SignedOut | null = null;
let wasSignedIn = false;
let ended = 0;

/** Whether the page needs a sign-in. Set by any response that says so, cleared by a successful sign-in. */
export const signedOut = {
  /** A request was refused for want of a valid key or session. */
  report(): void {
    set(wasSignedIn ? 'expired' : 'required');
  },
  /** A request was accepted. */
  clear(): void {
    wasSignedIn = true;
    set(null);
  },
  /** The user signed out. */
  forget(): void {
    wasSignedIn = false;
    ended += 1;
    set('required');
  },
  /** How many sessions the user has ended. What was asked for in one is not shown in another, which is perhaps somebody else's. */
  endedSessions: (): number => ended,
};

/** Why the page needs a sign-in; null if it does not. */
export function useSignedOut(): SignedOut | null {
  return useSyncExternalStore(subscribe, () => state);
}

function set(next: SignedOut | null): void {
  if (next === state) return;
  state = next;
  listeners.forEach((listener) => listener());
}

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}
