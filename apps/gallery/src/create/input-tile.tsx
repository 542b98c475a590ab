import { useRef, useState, useSyncExternalStore, type ReactNode, type RefObject } from 'react';
import { useTranslations } from 'use-intl';
import { thumbnailUrl } from '../api/thumbnail.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { DraftInput, FileInput, UrlInput } from './draft.ts';
import { inputFiles } from './input-files.ts';
import styles from './inputs.module.css';
import { convertInput, moveInput, removeInput } from './inputs.ts';
import { isConvertible, useProblemWords } from './problem-words.ts';
import { useDragToReorder } from './use-drag-to-reorder.ts';

export interface InputTileProps {
  readonly input: DraftInput;
  readonly index: number;
  readonly count: number;
  readonly problem: string | null;
  /** What a screen reader says after a change. */
  readonly onStatus: (text: string) => void;
}

/** One input image with its number. It is moved by dragging, or by its buttons. */
export function InputTile({ input, index, count, problem, onStatus }: InputTileProps): ReactNode {
  const t = useTranslations('create');
  const words = useProblemWords();
  const tile = useRef<HTMLLIElement>(null);
  const drag = useDragToReorder(input.key);
  return (
    <li ref={tile} className={styles['tile']} data-input={input.key} data-dragged={drag.isDragged || undefined}>
      <div className={styles['preview']} title={titleOf(input)} onPointerDown={drag.onPointerDown}>
        {input.kind === 'file' ? <FilePreview input={input} /> : <UrlPreview input={input} />}
        <span className={styles['number']}>{t('inputName', { number: index + 1 })}</span>
      </div>
      <TileButtons input={input} index={index} count={count} tile={tile} onStatus={onStatus} />
      {problem !== null && (
        <p className={styles['problem']} role="alert">
          {words(problem)}
        </p>
      )}
      {problem !== null && input.kind === 'file' && isConvertible(problem, shortestSideOf(input)) && (
        <ConvertButton input={input} />
      )}
    </li>
  );
}

interface TileButtonsProps extends Omit<InputTileProps, 'problem'> {
  readonly tile: RefObject<HTMLLIElement | null>;
}

function TileButtons({ input, index, count, tile, onStatus }: TileButtonsProps): ReactNode {
  const t = useTranslations('create');
  const number = index + 1;
  const move = (to: number, button: HTMLElement): void => {
    if (to < 0 || to >= count) return;
    moveInput(input.key, to);
    onStatus(t('inputMoved', { number: to + 1, count }));
    // A browser takes the focus from what is moved within the document.
    requestAnimationFrame(() => button.focus());
  };
  const remove = (): void => {
    const next = tile.current?.nextElementSibling ?? tile.current?.previousElementSibling;
    removeInput(input.key);
    onStatus(t('inputRemoved', { number }));
    next?.querySelector<HTMLElement>('[data-remove]')?.focus();
  };
  return (
    <div className={styles['buttons']}>
      <IconButton
        label={t('inputEarlier', { number })}
        aria-disabled={index === 0}
        onClick={(event) => move(index - 1, event.currentTarget)}
      >
        <Icon name="chevronLeft" size={18} />
      </IconButton>
      <IconButton
        label={t('inputLater', { number })}
        aria-disabled={index === count - 1}
        onClick={(event) => move(index + 1, event.currentTarget)}
      >
        <Icon name="chevronRight" size={18} />
      </IconButton>
      <IconButton label={t('inputRemove', { number })} data-remove onClick={remove}>
        <Icon name="close" size={18} />
      </IconButton>
    </div>
  );
}

function FilePreview({ input }: { readonly input: FileInput }): ReactNode {
  const url = useSyncExternalStore(inputFiles.subscribe, () => inputFiles.urlOf(input.key));
  return url !== null && <img src={url} alt={input.name} draggable={false} />;
}

/** The policy of the page allows images of this service alone, so another's is shown by its address. */
function UrlPreview({ input }: { readonly input: UrlInput }): ReactNode {
  if (input.isOwn) return <img src={thumbnailUrl(input.url, 320)} alt="" draggable={false} />;
  return <span className={styles['address']}>{URL.parse(input.url)?.host ?? input.url}</span>;
}

function ConvertButton({ input }: { readonly input: FileInput }): ReactNode {
  const t = useTranslations('create');
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const convert = async (): Promise<void> => {
    setState('busy');
    if (!(await convertInput(input))) setState('failed');
  };
  if (state === 'failed') return <p className={styles['problem']}>{t('inputConvertFailed')}</p>;
  return (
    <Button className={styles['convert']} disabled={state === 'busy'} onClick={() => void convert()}>
      {t('inputConvert')}
    </Button>
  );
}

function shortestSideOf({ width, height }: DraftInput): number | null {
  return width === null || height === null ? null : Math.min(width, height);
}

function titleOf(input: DraftInput): string {
  return input.kind === 'file' ? input.name : input.url;
}
