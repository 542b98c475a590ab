import { readCustomSize } from '@wan-image/core';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { valuesOf, withValues } from '../filter/active-filters.ts';
import { ChoiceFilter } from './choice-filter.tsx';
import styles from './filter-menu.module.css';
import { useLibrarySearch } from '../filter/use-library-search.ts';

/** The size of the request: a named one, or any other that is typed. */
export function SizeFilter({ presets }: { readonly presets: readonly string[] }): ReactNode {
  const t = useTranslations('find');
  const [search, change] = useLibrarySearch();
  const chosen = valuesOf(search, 'size');
  const sizes = [...new Set([...presets, ...chosen])];
  return (
    <ChoiceFilter name="size" legend={t('size')} options={sizes.map((size) => [size, size])}>
      <CustomSize onAdd={(size) => change(withValues(search, 'size', [...new Set([...chosen, size])]))} />
    </ChoiceFilter>
  );
}

function CustomSize({ onAdd }: { readonly onAdd: (size: string) => void }): ReactNode {
  const t = useTranslations('find');
  const problemId = useId();
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // As people write it: 1280 × 720, 1280*720.
    const size = text.replaceAll(/\s/g, '').replace(/[×*X]/, 'x');
    const isSize = readCustomSize(size) !== null;
    setIsWrong(!isSize);
    if (!isSize) return;
    setText('');
    onAdd(size);
  };
  return (
    <form className={styles['custom']} onSubmit={submit} noValidate>
      <input
        className={styles['input']}
        aria-label={t('customSize')}
        placeholder={t('customSizePlaceholder')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? problemId : undefined}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        {t('add')}
      </Button>
      {isWrong && (
        <p id={problemId} role="alert" className={styles['problem']}>
          {t('customSizeProblem')}
        </p>
      )}
    </form>
  );
}
