import { useRouterState } from '@tanstack/react-router';
import {
  Suspense,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { useTranslations } from 'use-intl';
import { useShortcuts } from '../page/shortcuts.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './search-box.module.css';
import { useDroppedFile } from './use-dropped-file.ts';
import { useSearchText, type SearchText } from './use-search-text.ts';
import { late } from '../ui/late.ts';

const FileFinder = late(async () => (await import('./file-finder.tsx')).FileFinder);

/** The search of the library, in the header of every view. A file that is dropped on the library or pasted here is looked for as well. */
export function SearchBox(): ReactNode {
  const t = useTranslations('find');
  const isLibrary = useRouterState({ select: ({ location }) => location.pathname === '/' });
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const isDragging = useDroppedFile(isLibrary, setFile);
  const search = useSearchText();
  useShortcuts({
    '/': () => {
      input.current?.select();
      input.current?.focus();
    },
  });
  return (
    <form
      role="search"
      className={styles['box']}
      onSubmit={(event) => {
        event.preventDefault();
        search.submit();
      }}
    >
      <span className={styles['icon']}>
        <Icon name="search" />
      </span>
      <SearchInput ref={input} search={search} onFile={setFile} />
      {search.text !== '' && (
        <IconButton
          label={t('clear')}
          className={styles['clear']}
          onClick={() => {
            search.submit('');
            input.current?.focus();
          }}
        >
          <Icon name="close" size={16} />
        </IconButton>
      )}
      {search.problem && (
        <p id="search-problem" role="alert" className={styles['problem']}>
          {t(search.problem.text, { limit: search.problem.limit })}
        </p>
      )}
      {isDragging && <div className={styles['drop']}>{t('dropHere')}</div>}
      <Suspense>
        {file && (
          <FileFinder
            key={`${file.name} ${file.size} ${file.lastModified}`}
            file={file}
            onClose={() => setFile(null)}
          />
        )}
      </Suspense>
    </form>
  );
}

interface SearchInputProps {
  readonly ref: RefObject<HTMLInputElement | null>;
  readonly search: SearchText;
  readonly onFile: (file: File) => void;
}

function SearchInput({ ref, search, onFile }: SearchInputProps): ReactNode {
  const t = useTranslations('find');
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // While an input method composes, Escape is its own.
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (search.text === '') event.currentTarget.blur();
    else search.submit('');
  };
  const onPaste = (event: ClipboardEvent): void => {
    const [file] = event.clipboardData.files;
    if (file === undefined) return;
    event.preventDefault();
    onFile(file);
  };
  return (
    <input
      ref={ref}
      type="search"
      className={styles['input']}
      aria-label={t('search')}
      aria-keyshortcuts="/"
      aria-invalid={search.problem !== null}
      aria-describedby={search.problem ? 'search-problem' : undefined}
      placeholder={t('placeholder')}
      enterKeyHint="search"
      autoComplete="off"
      spellCheck={false}
      value={search.text}
      onChange={(event) => search.change(event.target.value, (event.nativeEvent as InputEvent).isComposing)}
      // The last change of a composition comes before its end, and is marked as part of it.
      onCompositionEnd={(event) => search.change(event.currentTarget.value, false)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  );
}
