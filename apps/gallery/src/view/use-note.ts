import { MAX_NOTE_CHARACTERS, type GenerationRecord } from '@wan-image/core';
import { useRef, useState, type RefObject } from 'react';
import { useUpdateGeneration } from '../changes/changes.ts';
import { noteDrafts, type NoteDraft } from './note-drafts.ts';

export interface Note {
  readonly text: string;
  /** The number of characters, if they are too many. */
  readonly excess: number | null;
  /** Whether somebody else changed the note meanwhile: then it is not written over unless `replace` says so. */
  readonly isOutdated: boolean;
  readonly isSaving: boolean;
  readonly isSaved: boolean;
  /** Why it could not be saved. */
  readonly error: Error | null;
  readonly edit: (text: string) => void;
  readonly save: () => void;
  readonly replace: () => void;
  readonly discard: () => void;
}

/** What this page saved last, by the id of the generation: that was nobody else. */
const savedHere = new Map<string, string>();

/** The note of a generation while it is edited in `field`. Until it is saved, and if that fails, the tab keeps what was typed. */
export function useNote(record: GenerationRecord, field: RefObject<HTMLElement | null>): Note {
  const saved = record.note ?? '';
  const [draft, setDraft] = useState(() => noteDrafts.get(record.id));
  // What was typed last, also for a response that comes when this note is shown no more.
  const latest = useRef(draft);
  const update = useUpdateGeneration();
  const put = (next: NoteDraft | null): void => {
    latest.current = next;
    if (next === null) noteDrafts.delete(record.id);
    else noteDrafts.set(record.id, next);
    setDraft(next);
  };
  const send = async (text: string): Promise<void> => {
    await update.mutateAsync({ id: record.id, changes: { note: text === '' ? null : text } });
    savedHere.set(record.id, text);
    // What is stored may be of another view of the same note.
    const now = noteDrafts.get(record.id) ?? latest.current;
    if (now === null || now.text === text) return put(null);
    put({ ...now, base: text });
    // Typed while it was being saved. In the field, the next blur saves it.
    if (document.activeElement !== field.current && excessOf(now.text) === null) await send(now.text);
  };
  // The mutation tells the failure.
  const start = (text: string): void => void send(text).catch(() => undefined);
  const isOwn = draft?.base === saved || draft?.text === saved || savedHere.get(record.id) === saved;
  const isOutdated = draft !== null && !update.isPending && !isOwn;
  const text = draft?.text ?? saved;
  const excess = excessOf(text);
  return {
    text,
    excess,
    isOutdated,
    isSaving: update.isPending,
    isSaved: update.isSuccess && draft === null,
    error: update.error,
    edit: (next) => put({ text: next, base: draft?.base ?? saved }),
    save() {
      if (draft === null || excess !== null || isOutdated || update.isPending) return;
      if (draft.text === saved) put(null);
      else start(draft.text);
    },
    replace: () => start(text),
    discard: () => put(null),
  };
}

function excessOf(text: string): number | null {
  const count = Array.from(text).length;
  return count > MAX_NOTE_CHARACTERS ? count : null;
}
