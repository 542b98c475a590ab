import { tagForm, MAX_TAG_CHARACTERS, type ImageListItem } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useUpdateGenerations } from '../changes/changes.ts';
import { TAGS_KEY } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './selection-bar.module.css';

export interface SelectionDialogProps {
  readonly images: readonly ImageListItem[];
  readonly onClose: () => void;
}

/** Adds a tag to the generations of the selected images, or removes one. */
export function TagsDialog({ images, onClose }: SelectionDialogProps): ReactNode {
  const t = useTranslations('library');
  const ids = generationsOf(images);
  const update = useUpdateGenerations();
  return (
    <Dialog isOpen onClose={onClose} title={t('tagsTitle', { count: ids.length })} lead={t('tagsHint')}>
      <TagForm
        label={t('addTag')}
        action={t('addTagAction')}
        isPrimary
        isPending={update.isPending}
        onSubmit={(tag) => update.mutate({ ids, add_tags: [tag] }, { onSuccess: onClose })}
      />
      <TagForm
        label={t('removeTag')}
        action={t('removeTagAction')}
        isPrimary={false}
        isPending={update.isPending}
        onSubmit={(tag) => update.mutate({ ids, remove_tags: [tag] }, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

interface TagFormProps {
  readonly label: string;
  readonly action: string;
  readonly isPrimary: boolean;
  readonly isPending: boolean;
  readonly onSubmit: (tag: string) => void;
}

function TagForm({ label, action, isPrimary, isPending, onSubmit }: TagFormProps): ReactNode {
  const t = useTranslations('library');
  const id = useId();
  const [text, setText] = useState('');
  const tags = useQuery({ queryKey: TAGS_KEY, queryFn: ({ signal }) => reader.tags({ signal }) });
  const tag = tagForm(text);
  const isTooLong = Array.from(tag).length > MAX_TAG_CHARACTERS;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(tag);
  };
  return (
    <form className={styles['form']} onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <div className={styles['line']}>
        <input
          id={id}
          className={styles['input']}
          list={`${id}-known`}
          autoComplete="off"
          value={text}
          aria-invalid={isTooLong}
          aria-describedby={`${id}-problem`}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          {...(isPrimary && { look: 'primary' as const })}
          disabled={tag === '' || isTooLong || isPending}
        >
          {action}
        </Button>
      </div>
      <datalist id={`${id}-known`}>
        {tags.data?.data.map(({ tag: known }) => (
          <option key={known} value={known} />
        ))}
      </datalist>
      <p id={`${id}-problem`} className={styles['problem']}>
        {isTooLong && t('tooLongTag', { max: MAX_TAG_CHARACTERS })}
      </p>
    </form>
  );
}

/** The generations of images, each once. */
export function generationsOf(images: readonly ImageListItem[]): readonly string[] {
  return [...new Set(images.map(({ generation_id }) => generation_id))];
}
