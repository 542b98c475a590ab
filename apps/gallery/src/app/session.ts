import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useNotifyProblem } from '../changes/changes.ts';
import { client } from '../api/client.ts';
import { signedOut } from '../api/signed-out.ts';

/** Exchanges an API key for the session of this browser. Whatever failed for want of one is read again. */
export function useSignIn(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (apiKey) => client.session.create(apiKey),
    async onSuccess() {
      signedOut.clear();
      await queries.invalidateQueries();
    },
  });
}

/** Ends the session. What was read with it is forgotten, and what else the page keeps of it, by `forget`. */
export function useSignOut(forget: () => void): UseMutationResult<void, Error, void> {
  const queries = useQueryClient();
  const showProblem = useNotifyProblem();
  return useMutation({
    // Without a connection it fails, and says so: whoever leaves the device is not to believe that they are signed out.
    networkMode: 'always',
    mutationFn: () => client.session.delete(),
    onSuccess() {
      forget();
      signedOut.forget();
      queries.clear();
    },
    onError: showProblem,
  });
}
