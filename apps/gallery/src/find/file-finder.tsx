import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MIME_TYPES } from '@wan-image/core';
import { useEffect, useId, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { handedFiles } from '../api/handed-files.ts';
import { useProblemText } from '../api/problem.ts';
import { useMay } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Loading } from '../ui/message.tsx';
import styles from './file-finder.module.css';
import { filterOfFile, UnreadableFileError } from './find-file.ts';

export interface FileFinderProps {
  readonly file: File;
  readonly onClose: () => void;
}

/** Looks for the record of a file, and leads to it. */
export function FileFinder({ file, onClose }: FileFinderProps): ReactNode {
  const t = useTranslations('find');
  const navigate = useNavigate();
  const id = useId();
  const found = useQuery({
    queryKey: ['file', id],
    queryFn: ({ signal }) => filterOfFile(file, signal),
    gcTime: 0,
  });
  const filter = found.data ?? null;
  useEffect(() => {
    if (filter === null) return;
    void navigate({ to: '/', search: filter });
    onClose();
  }, [filter, navigate, onClose]);
  return (
    <Dialog isOpen onClose={onClose} title={found.data === null ? t('fileUnknown') : t('fileTitle')}>
      {found.isPending && (
        <>
          <p>{t('searching')}</p>
          <Loading />
        </>
      )}
      {found.error && <FileProblem error={found.error} file={file} onRetry={() => void found.refetch()} />}
      {found.data === null && <UnknownFile file={file} onClose={onClose} />}
    </Dialog>
  );
}

function UnknownFile({ file, onClose }: FileFinderProps): ReactNode {
  const t = useTranslations('find');
  const ta = useTranslations('app');
  const navigate = useNavigate();
  const isInput = useMay('generate') && Object.values<string>(MIME_TYPES).includes(file.type);
  return (
    <>
      <p role="status" className={styles['text']}>
        {t('fileUnknownHint', { name: file.name })}
      </p>
      <div className={styles['actions']}>
        <Button onClick={onClose}>{ta('close')}</Button>
        {isInput && (
          <Button
            look="primary"
            onClick={() => {
              handedFiles.hand([file]);
              onClose();
              void navigate({ to: '/create' });
            }}
          >
            {t('useAsInput')}
          </Button>
        )}
      </div>
    </>
  );
}

interface FileProblemProps {
  readonly error: unknown;
  readonly file: File;
  readonly onRetry: () => void;
}

function FileProblem({ error, file, onRetry }: FileProblemProps): ReactNode {
  const t = useTranslations('find');
  const ta = useTranslations('app');
  const textOf = useProblemText();
  const { title, detail } =
    error instanceof UnreadableFileError
      ? { title: t('fileUnreadable'), detail: t('fileUnreadableHint', { name: file.name }) }
      : textOf(error);
  return (
    <>
      <p role="alert" className={styles['text']}>
        <strong>{title}</strong> {detail}
      </p>
      <div className={styles['actions']}>
        <Button onClick={onRetry}>{ta('retry')}</Button>
      </div>
    </>
  );
}
