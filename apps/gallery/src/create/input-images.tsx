import { MAX_INPUT_IMAGES } from '@wan-image/core';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { FieldGroup } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { AddUrlDialog } from './add-url-dialog.tsx';
import type { DraftInput } from './draft.ts';
import { InputTile } from './input-tile.tsx';
import styles from './inputs.module.css';
import { LibraryDialog } from './library-dialog.tsx';
import { useAddFiles } from './use-add-files.ts';

export interface InputImagesProps {
  readonly inputs: readonly DraftInput[];
  /** Of all of them. */
  readonly problem: string | null;
  /** Of single ones, by their key. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The images that a request edits or combines, in the order that the prompt calls them by. */
export function InputImages({ inputs, problem, problems }: InputImagesProps): ReactNode {
  const t = useTranslations('create');
  const [status, setStatus] = useState('');
  return (
    <FieldGroup
      label={t('inputs')}
      problem={problem}
      hint={inputs.length === 0 && t('inputsHint', { limit: MAX_INPUT_IMAGES })}
      aside={
        inputs.length > 0 && (
          <span className={styles['count']}>{t('promptCount', { count: inputs.length, limit: MAX_INPUT_IMAGES })}</span>
        )
      }
    >
      {inputs.length > 0 && (
        <ol className={styles['inputs']}>
          {inputs.map((input, index) => (
            <InputTile
              key={input.key}
              input={input}
              index={index}
              count={inputs.length}
              problem={problems.get(input.key) ?? null}
              onStatus={setStatus}
            />
          ))}
        </ol>
      )}
      <AddButtons isFull={inputs.length >= MAX_INPUT_IMAGES} />
      <p role="status" className="visually-hidden">
        {status}
      </p>
    </FieldGroup>
  );
}

/** What a file chooser offers. Others may be dropped: a conversion solves most. */
const ACCEPTED = 'image/*';

function AddButtons({ isFull }: { readonly isFull: boolean }): ReactNode {
  const t = useTranslations('create');
  const chooser = useRef<HTMLInputElement>(null);
  const [dialog, setDialog] = useState<'url' | 'library' | null>(null);
  const addFiles = useAddFiles();
  const close = (): void => setDialog(null);
  return (
    <div className={styles['add']}>
      <input
        ref={chooser}
        type="file"
        accept={ACCEPTED}
        multiple
        hidden
        aria-label={t('addFile')}
        onChange={(event) => {
          addFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again, after it was removed.
          event.target.value = '';
        }}
      />
      <Button disabled={isFull} aria-label={t('addFile')} onClick={() => chooser.current?.click()}>
        <Icon name="upload" size={18} />
        {t('addNames.file')}
      </Button>
      <Button disabled={isFull} aria-label={t('addLibrary')} onClick={() => setDialog('library')}>
        <Icon name="library" size={18} />
        {t('addNames.library')}
      </Button>
      <Button disabled={isFull} aria-label={t('addUrl')} onClick={() => setDialog('url')}>
        <Icon name="add" size={18} />
        {t('addNames.url')}
      </Button>
      {dialog === 'url' && <AddUrlDialog onClose={close} />}
      {dialog === 'library' && <LibraryDialog onClose={close} />}
    </div>
  );
}
