import { MAX_NOTE_CHARACTERS } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useUpdateGenerations } from '../changes/changes.ts';
import { generationKey } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import styles from './selection-bar.module.css';
import { generationsOf, type SelectionDialogProps } from './tags-dialog.tsx';

/** Writes the note of the generations of the selected images. That of a single one can be edited. */
export function NoteDialog({ images, onClose }: SelectionDialogProps): ReactNode {
  const t = useTranslations('library');
  const ids = generationsOf(images);
  const [only] = ids;
  const isSingle = ids.length === 1 && only !== undefined;
  const record = useQuery({
    queryKey: generationKey(only ?? ''),
    queryFn: ({ signal }) => reader.get(only ?? '', { signal }),
    enabled: isSingle,
  });
  const isReady = !isSingle || record.data !== undefined;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('noteTitle', { count: ids.length })}
      lead={t('noteHint', { count: ids.length })}
    >
      {isReady && <NoteForm ids={ids} initial={record.data?.note ?? ''} onClose={onClose} />}
      {!isReady &&
        (record.isError ? <ProblemMessage error={record.error} onRetry={() => void record.refetch()} /> : <Loading />)}
    </Dialog>
  );
}

interface NoteFormProps {
  readonly ids: readonly string[];
  readonly initial: string;
  readonly onClose: () => void;
}

function NoteForm({ ids, initial, onClose }: NoteFormProps): ReactNode {
  const t = useTranslations('library');
  const save = useTranslations('app')('save');
  const id = useId();
  const [text, setText] = useState(initial);
  const update = useUpdateGenerations();
  const { length } = Array.from(text);
  const isTooLong = length > MAX_NOTE_CHARACTERS;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    update.mutate({ ids, note: text.trim() === '' ? null : text }, { onSuccess: onClose });
  };
  return (
    <form className={styles['form']} onSubmit={submit}>
      <label htmlFor={id}>{t('noteField')}</label>
      <textarea
        id={id}
        className={styles['input']}
        rows={6}
        value={text}
        aria-invalid={isTooLong}
        aria-describedby={`${id}-problem`}
        onChange={(event) => setText(event.target.value)}
      />
      <p id={`${id}-problem`} className={styles['problem']}>
        {isTooLong && t('tooLongNote', { max: MAX_NOTE_CHARACTERS, length })}
      </p>
      <div className={styles['buttons']}>
        <Button type="submit" look="primary" disabled={isTooLong || update.isPending}>
          {save}
        </Button>
      </div>
    </form>
  );
}
