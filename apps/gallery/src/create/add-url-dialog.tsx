import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import styles from './inputs.module.css';
import { addUrl } from './inputs.ts';
import { useProblemWords } from './problem-words.ts';
import { problemOfUrl } from './request-problems.ts';

export function AddUrlDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useTranslations('create');
  const words = useProblemWords();
  const [url, setUrl] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = problemOfUrl(url.trim());
    if (found !== null) return setProblem(found);
    addUrl(url.trim());
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('addUrl')}>
      <form className={styles['urlForm']} onSubmit={submit} noValidate>
        <Field label={t('url')} hint={t('urlHint')} problem={problem === null ? null : words(problem)}>
          {(control) => (
            <input
              {...control}
              type="url"
              autoComplete="off"
              placeholder="https://"
              value={url}
              onChange={(event) => {
                setUrl(event.target.value);
                setProblem(null);
              }}
            />
          )}
        </Field>
        <div className={styles['actions']}>
          <Button type="submit" look="primary" disabled={url.trim() === ''}>
            {t('add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
