import { MAX_PROMPT_CHARACTERS } from '@wan-image/core';
import { useRef, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { EXAMPLES } from './examples.ts';
import styles from './form.module.css';
import { draftStore } from './draft-store.ts';

export interface PromptFieldProps {
  readonly prompt: string;
  readonly hasInputs: boolean;
  readonly problem: string | null;
}

export function PromptField({ prompt, hasInputs, problem }: PromptFieldProps): ReactNode {
  const t = useTranslations('create');
  const box = useRef<HTMLTextAreaElement>(null);
  const setPrompt = (next: string): void => draftStore.updateSettings({ prompt: next });
  return (
    <div className={styles['prompt']}>
      <Field
        label={t('prompt')}
        hint={hasInputs ? t('promptInputsHint') : t('promptHint')}
        problem={problem}
        aside={<PromptCount prompt={prompt} />}
      >
        {(control) => (
          // As tall as its text: below it lies the same text, invisible, which gives both their height.
          <div className={styles['promptBox']} data-text={prompt}>
            <textarea
              {...control}
              ref={box}
              rows={4}
              value={prompt}
              onChange={(event) => setPrompt(event.target.value)}
            />
          </div>
        )}
      </Field>
      {prompt === '' && !hasInputs && (
        <div className={styles['examples']} role="group" aria-label={t('examples')}>
          <p className={styles['note']}>{t('examples')}</p>
          {EXAMPLES.map((name) => (
            <Button
              key={name}
              title={t(`example.${name}`)}
              onClick={() => {
                setPrompt(t(`example.${name}`));
                box.current?.focus();
              }}
            >
              {t(`exampleNames.${name}`)}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Counted as the contract counts: in code points, so that an emoji is one. */
function PromptCount({ prompt }: { readonly prompt: string }): ReactNode {
  const t = useTranslations('create');
  const values = { count: Array.from(prompt).length, limit: MAX_PROMPT_CHARACTERS };
  return (
    <span className={styles['count']} data-over={values.count > values.limit || undefined}>
      <span aria-hidden="true">{t('promptCount', values)}</span>
      <span className="visually-hidden">{t('promptCountLabel', values)}</span>
    </span>
  );
}
