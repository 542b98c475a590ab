import { newDraft } from './draft.ts';
import { draftStore } from './draft-store.ts';
import { followed } from './followed.ts';
import { inputFiles } from './input-files.ts';

/** Empties the form and what belongs to it: after somebody has signed out, the next one is somebody else. */
export async function forgetDraft(): Promise<void> {
  draftStore.set(newDraft());
  followed.clear();
  await inputFiles.clear();
}
