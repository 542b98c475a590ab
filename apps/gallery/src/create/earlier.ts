import type { GenerationRecord } from '@wan-image/core';
import type { Draft, DraftInput } from './draft.ts';
import { inputsOfRecord } from './inputs.ts';
import { differencesOf, newSeed, settingsOf, type Difference } from './settings.ts';

/** The form with the settings of an earlier generation. `isVaried`: with another seed. */
export function draftOfRecord(record: GenerationRecord, draft: Draft, isVaried: boolean): Draft {
  const settings = settingsOf(record);
  const inputs = inputsOfRecord(record);
  const urls = inputs.flatMap((input) => (input.kind === 'url' ? [input.url] : []));
  return {
    ...draft,
    settings: isVaried ? { ...settings, seed: newSeed(), isSeedLocked: false } : settings,
    inputs,
    // One whose parameters were not recorded completely cannot be repeated by the service.
    origin: record.cut.length > 0 || record.deleted_at !== null ? null : { id: record.id, urls },
  };
}

/** What the form would lose, and what it would get. */
export interface Proposal {
  readonly differences: readonly Difference[];
  /** Absent if they stay. */
  readonly inputs: { readonly before: readonly DraftInput[]; readonly after: readonly DraftInput[] } | null;
}

export function proposalOf(before: Draft, after: Draft): Proposal {
  const isSame =
    before.inputs.length === after.inputs.length &&
    before.inputs.every((input, index) => sourceOf(input) === sourceOf(after.inputs[index]));
  return {
    differences: differencesOf(before.settings, after.settings),
    inputs: isSame ? null : { before: before.inputs, after: after.inputs },
  };
}

/** Tells the same image in two forms: an image of this history, and the copy of it that was an input. */
function sourceOf(input: DraftInput | undefined): string | undefined {
  return input?.kind === 'url' ? (input.imageId ?? input.url) : input?.key;
}
