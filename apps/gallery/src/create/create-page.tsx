import { useSearch } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState, type DragEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { Message } from '../ui/message.tsx';
import { CreateForm } from './create-form.tsx';
import styles from './create-page.module.css';
import { Results } from './results.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { useAddFiles } from './use-add-files.ts';
import { useArrivals } from './use-arrivals.ts';

export function CreatePage(): ReactNode {
  const t = useTranslations('create');
  const mayGenerate = useMay('generate');
  const addFiles = useAddFiles();
  // On all of the page: what is dropped beside the form would else replace the page.
  const { isOver, ...drop } = useDrop(addFiles);
  return (
    <div className={styles['page']} {...(mayGenerate && drop)}>
      <h1 className="visually-hidden">{t('title')}</h1>
      {mayGenerate ? <RequestArea isOver={isOver} /> : <Message title={t('mayNot')} detail={t('mayNotHint')} />}
      <Results />
    </div>
  );
}

/** The form, and all other ways in which something comes into it. `isOver`: files are about to be dropped. */
function RequestArea({ isOver }: { readonly isOver: boolean }): ReactNode {
  const t = useTranslations('create');
  const search = useSearch({ from: '/create' });
  const { record, close } = useArrivals(search);
  const addFiles = useAddFiles();
  usePaste(addFiles);
  return (
    <section className={styles['request']} aria-label={t('form')}>
      <CreateForm />
      {isOver && (
        <div className={styles['drop']} aria-hidden="true">
          {t('inputsDrop')}
        </div>
      )}
      {record !== null && (
        <SettingsDialog key={record.id} record={record} isVaried={search.vary !== undefined} onClose={close} />
      )}
    </section>
  );
}

/** Image files that are pasted anywhere on the page. Text is pasted as usual. */
function usePaste(addFiles: (files: readonly File[]) => void): void {
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
    if (files.length === 0 || event.defaultPrevented) return;
    event.preventDefault();
    addFiles(files);
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent): void => onPaste(event);
    document.addEventListener('paste', listener);
    return () => document.removeEventListener('paste', listener);
  }, []);
}

function useDrop(addFiles: (files: readonly File[]) => void) {
  // Entering a child fires before its parent is left.
  const [depth, setDepth] = useState(0);
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');
  return {
    isOver: depth > 0,
    onDragEnter: (event: DragEvent) => {
      if (hasFiles(event)) setDepth((value) => value + 1);
    },
    onDragLeave: (event: DragEvent) => {
      if (hasFiles(event)) setDepth((value) => Math.max(0, value - 1));
    },
    onDragOver: (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      addFiles([...event.dataTransfer.files]);
    },
  };
}
