import type { GenerationRecord, ImageRecord, SearchMatch } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Highlighted, rangesOf } from '../find/highlighted.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './facts.module.css';
import { FileFacts } from './file-facts.tsx';
import { InputImages } from './input-images.tsx';
import { NoteEditor } from './note-editor.tsx';
import { OutcomeFacts } from './outcome-facts.tsx';
import { ParameterFacts } from './parameter-facts.tsx';
import { TagEditor } from './tag-editor.tsx';
import { useCopy } from './use-copy.ts';

export interface FactsProps {
  readonly record: GenerationRecord;
  /** One of its images, if it is about that; null: about the generation. */
  readonly image: ImageRecord | null;
  readonly matches: readonly SearchMatch[];
}

/** Everything that is known about a generation, or about one of its images. */
export function Facts({ record, image, matches }: FactsProps): ReactNode {
  const t = useTranslations('view');
  const copy = useCopy();
  const revised = image?.revised_prompt ?? null;
  return (
    <div className={styles['facts']}>
      <section>
        <header className={styles['header']}>
          <h2>{t('prompt')}</h2>
          <Button look="plain" onClick={() => copy(record.prompt)}>
            <Icon name="copy" size={16} />
            {t('copyPrompt')}
          </Button>
        </header>
        <p className={styles['text']} dir="auto">
          <Highlighted text={record.prompt} ranges={rangesOf(matches, 'prompt')} />
        </p>
      </section>
      {image !== null && revised !== null && revised !== record.prompt && (
        <section>
          <h2>{t('revisedPrompt')}</h2>
          <p className={styles['text']} dir="auto">
            <Highlighted text={revised} ranges={rangesOf(matches, 'revised_prompt', image.index)} />
          </p>
        </section>
      )}
      <TagEditor record={record} matches={matches} />
      <NoteEditor key={record.id} record={record} />
      <ParameterFacts record={record} />
      <InputImages record={record} />
      <OutcomeFacts record={record} image={image} />
      {image !== null && image.state === 'stored' && <FileFacts image={image} />}
    </div>
  );
}
