import type { GenerationRecord, ImageListItem, ImageRecord } from '@wan-image/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { MAX_COMPARED } from './compare-search.ts';
import styles from './dialogs.module.css';
import type { Around } from './use-neighbors.ts';

export interface CompareDialogProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly around: Around;
  readonly onClose: () => void;
}

interface Choice {
  readonly id: string;
  readonly url: string;
  readonly prompt: string;
}

/** Chooses what an image is compared with: its siblings, then what is near it in the library. */
export function CompareDialog({ record, image, around, onClose }: CompareDialogProps): ReactNode {
  const t = useTranslations('view');
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choices = choicesOf(record, image, around.images);
  const isFull = chosen.length >= MAX_COMPARED - 1;
  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('compareTitle')}
      lead={choices.length > 0 ? t('compareLead') : t('compareNone')}
    >
      <ul className={styles['choices']}>
        {choices.map(({ id, url, prompt }) => (
          <li key={id}>
            <button
              type="button"
              className={styles['choice']}
              aria-pressed={chosen.includes(id)}
              aria-label={t('comparePick', { prompt })}
              disabled={isFull && !chosen.includes(id)}
              onClick={() => toggle(id)}
            >
              <img src={thumbnailUrl(url, 320)} alt="" loading="lazy" />
              {chosen.includes(id) && (
                <span className={styles['check']}>
                  <Icon name="check" size={16} />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className={styles['hint']}>
        {isFull ? t('compareFull') : ''}
      </p>
      <div className={styles['actions']}>
        <Button
          look="primary"
          disabled={chosen.length === 0}
          onClick={() => void navigate({ to: '/compare', search: { image: [image.id, ...chosen] } })}
        >
          {t('compareShow')}
        </Button>
      </div>
    </Dialog>
  );
}

function choicesOf(record: GenerationRecord, image: ImageRecord, near: readonly ImageListItem[]): readonly Choice[] {
  const siblings = record.images.flatMap(({ id, url, state, deleted_at }) =>
    url !== null && state === 'stored' && deleted_at === null ? [{ id, url, prompt: record.prompt }] : [],
  );
  const others = near.flatMap(({ id, url, state, prompt }) => (state === 'stored' ? [{ id, url, prompt }] : []));
  const all = new Map([...others, ...siblings].map((choice) => [choice.id, choice]));
  const first = new Set(siblings.map(({ id }) => id));
  return [...siblings, ...[...all.values()].filter(({ id }) => !first.has(id))].filter(({ id }) => id !== image.id);
}
