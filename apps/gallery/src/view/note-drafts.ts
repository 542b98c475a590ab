const PREFIX = 'wan-image.note.';

/** A note that is not saved yet. */
export interface NoteDraft {
  readonly text: string;
  /** The note that was changed. If the saved one is another by now, somebody else changed it meanwhile. */
  readonly base: string;
}

/** Notes that are not saved yet, kept by the tab through reloads. A browser may forbid storage: then the page alone keeps them. */
export const noteDrafts = {
  /** Null without one. */
  get(id: string): NoteDraft | null {
    try {
      return draftOf(JSON.parse(sessionStorage.getItem(PREFIX + id) ?? 'null'));
    } catch {
      return null;
    }
  },
  set(id: string, draft: NoteDraft): void {
    try {
      sessionStorage.setItem(PREFIX + id, JSON.stringify(draft));
    } catch {
      // Full or forbidden: what is typed stays in its field.
    }
  },
  delete(id: string): void {
    try {
      sessionStorage.removeItem(PREFIX + id);
    } catch {
      // There was nothing to remove.
    }
  },
};

function draftOf(stored: unknown): NoteDraft | null {
  const { text, base } = (stored ?? {}) as Partial<NoteDraft>;
  return typeof text === 'string' && typeof base === 'string' ? { text, base } : null;
}
