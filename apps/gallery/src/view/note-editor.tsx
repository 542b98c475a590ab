import { MAX_NOTE_CHARACTERS, type GenerationRecord } from '@wan-image/core';
import { useId, useRef, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import styles from './facts.module.css';
import { useNote, type Note } from './use-note.ts';

/** The note of a generation. It is saved when one leaves the field. */
export function NoteEditor({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const note = useNote(record, field);
  const problem = useNoteProblem(note);
  if (!useMay('manage')) return record.note === null ? null : <ReadNote note={record.note} />;
  return (
    <section>
      <h2 id={`${id}-name`}>{t('note')}</h2>
      <textarea
        ref={field}
        className={`${styles['field']} ${styles['note']}`}
        aria-labelledby={`${id}-name`}
        aria-describedby={`${id}-status`}
        aria-invalid={problem !== null}
        placeholder={t('notePlaceholder')}
        dir="auto"
        value={note.text}
        onChange={(event) => note.edit(event.target.value)}
        onBlur={note.save}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && note.save()}
      />
      <p id={`${id}-status`} role="status" className={problem === null ? styles['status'] : styles['problem']}>
        {problem ?? (note.isSaving ? t('noteSaving') : note.isSaved ? t('noteSaved') : '')}
      </p>
      {note.isOutdated && <OtherNote other={record.note} note={note} />}
    </section>
  );
}

/** Why the note is not saved; null if nothing is wrong. */
function useNoteProblem({ excess, isOutdated, error }: Note): string | null {
  const t = useTranslations('view');
  const problemText = useProblemText();
  if (excess !== null) return t('noteTooLong', { limit: MAX_NOTE_CHARACTERS, count: excess });
  if (isOutdated) return t('noteOutdated');
  const failure = error && problemText(error);
  return failure && [failure.title, failure.detail].filter(Boolean).join('. ');
}

/** The note that somebody else has saved meanwhile, and the choice between the two. */
function OtherNote({ other, note }: { readonly other: string | null; readonly note: Note }): ReactNode {
  const t = useTranslations('view');
  return (
    <>
      <p className={styles['text']} dir="auto">
        {other ?? t('noteNone')}
      </p>
      <div className={styles['choice']}>
        <Button disabled={note.excess !== null} onClick={note.replace}>
          {t('noteReplace')}
        </Button>
        <Button onClick={note.discard}>{t('noteDiscard')}</Button>
      </div>
    </>
  );
}

function ReadNote({ note }: { readonly note: string }): ReactNode {
  const t = useTranslations('view');
  return (
    <section>
      <h2>{t('note')}</h2>
      <p className={styles['text']} dir="auto">
        {note}
      </p>
    </section>
  );
}
