import type { GenerationRecord, ImageInput } from '@wan-image/core';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { randomId } from '../api/random-id.ts';
import { signedOut } from '../api/signed-out.ts';
import { afterFailure } from '../generations/paid.ts';
import { hasInputsOfOrigin, withAttempt, type Draft, type DraftAttempt, type DraftInput } from './draft.ts';
import { draftStore, type DraftStore } from './draft-store.ts';
import { followed } from './followed.ts';
import { inputFiles } from './input-files.ts';
import { putRecord } from './recent.ts';
import { parametersOf } from './settings.ts';

/** Sends what is in the form. */
export function useSubmit(): UseMutationResult<GenerationRecord, Error, void> {
  const queries = useQueryClient();
  return useMutation({
    // Offline too: the failure says so, and what is typed stays.
    networkMode: 'always',
    mutationFn: () => submitDraft(draftStore),
    onMutate: () => signedOut.endedSessions(),
    onSuccess(record, _variables, session) {
      if (session !== signedOut.endedSessions()) return;
      followed.add(record.id);
      putRecord(queries, record);
    },
  });
}

/**
 * Sends a draft. Its key is kept with the draft before anything is sent, and until the outcome is certain: whatever happens in between, even
 * a reload, the same request is sent with the same key, and is carried out and billed once.
 */
async function submitDraft(store: DraftStore): Promise<GenerationRecord> {
  const draft = withAttempt(store.get(), randomId);
  store.set(draft);
  const session = signedOut.endedSessions();
  try {
    const record = await send(draft, draft.attempt);
    if (session === signedOut.endedSessions())
      settle(store, draft.attempt, () => null, { sentSeed: draft.settings.seed });
    return record;
  } catch (error) {
    settle(store, draft.attempt, (current) => afterFailure(current, error), {});
    throw error;
  }
}

/** Meanwhile the form may have been changed: only the attempt itself is settled. */
function settle(
  store: DraftStore,
  { key }: DraftAttempt,
  rest: (current: DraftAttempt) => DraftAttempt | null,
  change: Partial<Draft>,
): void {
  const { attempt } = store.get();
  store.update({ ...change, ...(attempt?.key === key && { attempt: rest(attempt) }) });
}

function send(draft: Draft, { key }: DraftAttempt): Promise<GenerationRecord> {
  const { settings, inputs, origin } = draft;
  const parameters = parametersOf(settings, inputs.length > 0);
  const image = inputs.map(imageOf);
  const options = { idempotencyKey: key, retry: { unknownOutcomes: true } };
  if (origin === null) return client.submit(image.length === 0 ? parameters : { ...parameters, image }, options);
  // Without `image`, the service takes the copies that it has of the inputs.
  const changed = hasInputsOfOrigin(draft) ? {} : { image: image.length === 0 ? null : image };
  return client.rerun(origin.id, { thinking_mode: null, ...parameters, ...changed }, options);
}

function imageOf(input: DraftInput): ImageInput {
  if (input.kind === 'url') return input.url;
  const blob = inputFiles.get(input.key);
  if (blob === undefined) throw new Error(`The bytes of ${input.name} are missing: add the file again.`);
  return blob;
}
