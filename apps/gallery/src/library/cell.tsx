import { memo, useDeferredValue, type MouseEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { classes } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './cell.module.css';
import type { Cell } from './cells.ts';
import type { Day } from './days.ts';
import { Placeholder } from './placeholder.tsx';
import type { PlacedCell } from './section.ts';
import { useIsSelected } from './selection.ts';
import { Thumbnail } from './thumbnail.tsx';
import { useIsPassing, type Pace } from './use-passing.ts';

/** What can be done with a cell. The same object for as long as the grid is shown. */
export interface CellActions {
  /** The URL that shows an image. */
  hrefOf(imageId: string): string;
  onOpen(cell: Cell, event: MouseEvent): void;
  onSelect(cell: Cell, event: MouseEvent): void;
  onFavorite(cell: Cell): void;
  /** Selects all images of a day, or none of them. */
  onSelectDay(day: Day): void;
  onStack(cell: Cell): void;
  onFocus(cell: Cell): void;
  readonly mayChange: boolean;
  readonly pace: Pace;
}

export interface CellViewProps {
  readonly placed: PlacedCell;
  /** Whether the keyboard is here, or would come here. */
  readonly isActive: boolean;
  readonly actions: CellActions;
}

export const CellView = memo(function CellView({ placed, isActive, actions }: CellViewProps): ReactNode {
  const { cell, left, top, width, height } = placed;
  const { image } = cell;
  const isSelected = useIsSelected(cell.images);
  const name = useCellName(cell);
  const isPassing = useIsPassing(actions.pace);
  // In a render of its own, which the next scroll or key interrupts: a whole window of new cells would be one long task.
  const hasButtons = useDeferredValue(!isPassing, false);
  return (
    <li
      className={classes(styles['cell'], isSelected && styles['selected'], cell.kind === 'member' && styles['member'])}
      style={{ left, top, width, height }}
      data-cell={image.id}
    >
      <a
        className={styles['link']}
        href={actions.hrefOf(image.id)}
        aria-label={isPassing ? name : undefined}
        tabIndex={isActive ? 0 : -1}
        draggable={false}
        onClick={(event) => actions.onOpen(cell, event)}
        onFocus={() => actions.onFocus(cell)}
      >
        {isPassing ? (
          <Placeholder thumbhash={image.thumbhash} />
        ) : (
          <Thumbnail key={image.id} image={image} width={width} height={height} alt={name} />
        )}
      </a>
      {hasButtons && (
        <>
          <SelectButton cell={cell} isSelected={isSelected} actions={actions} />
          <StackButton cell={cell} actions={actions} />
          <FavoriteButton cell={cell} actions={actions} />
        </>
      )}
    </li>
  );
});

interface CellButtonProps {
  readonly cell: Cell;
  readonly actions: CellActions;
}

function SelectButton({ cell, isSelected, actions }: CellButtonProps & { readonly isSelected: boolean }): ReactNode {
  const t = useTranslations('library');
  return (
    <button
      type="button"
      className={styles['check']}
      tabIndex={-1}
      aria-pressed={isSelected}
      aria-label={t('select')}
      title={t('select')}
      onClick={(event) => actions.onSelect(cell, event)}
    >
      <Icon name="check" size={16} />
    </button>
  );
}

/** Opens a stack where it is, and closes it from its first image. */
function StackButton({ cell, actions }: CellButtonProps): ReactNode {
  const t = useTranslations('library');
  if (cell.kind === 'single' || (cell.kind === 'member' && !cell.isFirst)) return null;
  const label = cell.kind === 'stack' ? t('openSet', { count: cell.images.length }) : t('closeSet');
  return (
    <button
      type="button"
      className={styles['stack']}
      tabIndex={-1}
      aria-expanded={cell.kind === 'member'}
      aria-label={label}
      title={label}
      onClick={() => actions.onStack(cell)}
    >
      <span className={styles['badge']}>
        <Icon name={cell.kind === 'stack' ? 'stack' : 'close'} size={16} />
        {cell.kind === 'stack' && cell.images.length}
      </span>
    </button>
  );
}

function FavoriteButton({ cell, actions }: CellButtonProps): ReactNode {
  const t = useTranslations('library');
  const { favorite } = cell.image;
  if (!actions.mayChange) {
    return favorite ? (
      <span role="img" aria-label={t('isFavorite')} className={classes(styles['heart'], styles['marked'])}>
        <Icon name="heart" size={18} isFilled />
      </span>
    ) : null;
  }
  return (
    <button
      type="button"
      className={classes(styles['heart'], favorite && styles['marked'])}
      tabIndex={-1}
      aria-pressed={favorite}
      aria-label={t('favorite')}
      title={t('favorite')}
      onClick={() => actions.onFavorite(cell)}
    >
      <Icon name="heart" size={18} isFilled={favorite} />
    </button>
  );
}

/** What a screen reader says: what was asked for, and what the icons show. */
function useCellName({ image, images, kind }: Cell): string {
  const t = useTranslations('library');
  const prompt = image.prompt.trim() === '' ? t('noPrompt') : image.prompt;
  return [
    prompt,
    kind === 'stack' ? t('setOf', { count: images.length }) : null,
    image.favorite ? t('isFavorite') : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
