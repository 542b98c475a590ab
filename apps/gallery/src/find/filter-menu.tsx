import { Popover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { MODELS, SIZE_PRESETS } from '@wan-image/core';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { without } from '../filter/active-filters.ts';
import { DateFilter } from './date-filter.tsx';
import { ChoiceFilter, OneOfFilter } from './choice-filter.tsx';
import styles from './filter-menu.module.css';
import { SizeFilter } from './size-filter.tsx';
import { SourceFilter } from './source-filter.tsx';
import { TagFilter } from './tag-filter.tsx';
import { useLibrarySearch } from '../filter/use-library-search.ts';

export interface FilterMenuProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** The button that opens it. */
  readonly trigger: ReactElement;
}

const STATES = ['succeeded', 'failed', 'canceled', 'queued', 'running'] as const;

/** What the library can be filtered by. Each choice applies at once. */
export function FilterMenu({ isOpen, onOpenChange, trigger }: FilterMenuProps): ReactNode {
  const t = useTranslations('find');
  const ta = useTranslations('app');
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpenChange}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className={styles['positioner']}>
          <Popover.Popup className={styles['popup']}>
            <div className={styles['header']}>
              <Popover.Title className={styles['title']}>{t('filters')}</Popover.Title>
              <Popover.Close
                render={
                  <IconButton label={ta('close')}>
                    <Icon name="close" />
                  </IconButton>
                }
              />
            </div>
            <Sections />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Sections(): ReactNode {
  const t = useTranslations('find');
  const [search, change] = useLibrarySearch();
  return (
    <div className={styles['sections']}>
      <OneOfFilter
        legend={t('favorite')}
        value={search.favorite === true}
        options={[
          [false, t('any')],
          [true, t('onlyFavorites')],
        ]}
        onChange={(isOn) => change({ ...without(search, ['favorite']), ...(isOn && { favorite: true }) })}
      />
      <OneOfFilter
        legend={t('inputs')}
        value={search.has_input_image ?? null}
        options={[
          [null, t('any')],
          [true, t('withInputs')],
          [false, t('withoutInputs')],
        ]}
        onChange={(next) =>
          change({ ...without(search, ['has_input_image']), ...(next !== null && { has_input_image: next }) })
        }
      />
      <DateFilter />
      <TagFilter />
      <ChoiceFilter name="model" legend={t('model')} options={MODELS.map((model) => [model, model])} />
      <SizeFilter presets={Object.keys(SIZE_PRESETS)} />
      <ChoiceFilter name="state" legend={t('state')} options={STATES.map((state) => [state, t(`states.${state}`)])} />
      <SourceFilter />
    </div>
  );
}
