import { MAX_TAG_CHARACTERS, MAX_TAGS, type GenerationRecord, type SearchMatch } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useNotifyProblem, useUpdateGeneration } from '../changes/changes.ts';
import { TAGS_KEY } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { useMay } from '../api/service.ts';
import { Highlighted, rangesOf } from '../find/highlighted.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './facts.module.css';

export interface TagEditorProps {
  readonly record: GenerationRecord;
  readonly matches: readonly SearchMatch[];
}

/** The tags of a generation. Each is saved as it is added or removed. */
export function TagEditor({ record, matches }: TagEditorProps): ReactNode {
  const t = useTranslations('view');
  const mayManage = useMay('manage');
  const update = useUpdateGeneration();
  const showProblem = useNotifyProblem();
  const save = (tags: readonly string[]): Promise<boolean> =>
    update.mutateAsync({ id: record.id, changes: { tags: [...tags] } }).then(
      () => true,
      (error: Error) => {
        showProblem(error);
        return false;
      },
    );
  return (
    <section>
      <h2>{t('tags')}</h2>
      {record.tags.length === 0 && !mayManage && <p>{t('tagNone')}</p>}
      {record.tags.length > 0 && (
        <ul className={styles['tags']}>
          {record.tags.map((tag, index) => (
            <li key={tag} className={styles['tag']}>
              <span dir="auto">
                <Highlighted text={tag} ranges={rangesOf(matches, 'tag', index)} />
              </span>
              {mayManage && (
                <IconButton
                  label={t('tagRemove', { tag })}
                  disabled={update.isPending}
                  onClick={() => void save(record.tags.filter((other) => other !== tag))}
                >
                  <Icon name="close" size={14} />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayManage && <TagField tags={record.tags} onAdd={(tag) => save([...record.tags, tag])} />}
    </section>
  );
}

interface TagFieldProps {
  readonly tags: readonly string[];
  /** Resolves with whether it was saved. */
  readonly onAdd: (tag: string) => Promise<boolean>;
}

function TagField({ tags, onAdd }: TagFieldProps): ReactNode {
  const t = useTranslations('view');
  const id = useId();
  const [text, setText] = useState('');
  const known = useQuery({ queryKey: TAGS_KEY, queryFn: ({ signal }) => reader.tags({ signal }) });
  const tag = text.trim().normalize('NFC');
  const problem =
    Array.from(tag).length > MAX_TAG_CHARACTERS
      ? t('tagTooLong', { limit: MAX_TAG_CHARACTERS })
      : tag !== '' && tags.length >= MAX_TAGS
        ? t('tagTooMany', { limit: MAX_TAGS })
        : null;
  const add = async (): Promise<void> => {
    if (tag === '' || problem !== null) return;
    // What is typed stays until it is saved.
    if (tags.includes(tag) || (await onAdd(tag))) setText('');
  };
  const onKey = (event: KeyboardEvent): void => {
    // Enter ends the composition of a Chinese word before it ends the tag.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void add();
  };
  return (
    <>
      <input
        className={styles['field']}
        aria-label={t('tagAdd')}
        placeholder={t('tagAdd')}
        list={`${id}-tags`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        enterKeyHint="done"
        autoComplete="off"
      />
      <datalist id={`${id}-tags`}>
        {known.data?.data
          .filter((other) => !tags.includes(other.tag))
          .map((other) => (
            <option key={other.tag} value={other.tag} />
          ))}
      </datalist>
      {problem !== null && (
        <p id={`${id}-problem`} className={styles['problem']}>
          {problem}
        </p>
      )}
    </>
  );
}
