import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay } from '../api/service.ts';
import { localUrl } from '../api/thumbnail.ts';
import { isBinned } from './bin-notice.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx';
import { CopyItems } from './copy-items.tsx';
import { fileNameOf } from './image-name.ts';
import type { ViewerControls } from './actions.ts';

export interface ViewerMenuProps {
  readonly record: GenerationRecord;
  readonly image: ImageRecord;
  readonly controls: ViewerControls;
}

/** All actions on an image by their names. */
export function ViewerMenu({ record, image, controls }: ViewerMenuProps): ReactNode {
  const t = useTranslations('view');
  const mayGenerate = useMay('generate');
  const isStored = image.state === 'stored' && image.url !== null;
  return (
    <Menu
      trigger={
        <IconButton label={t('more')}>
          <Icon name="more" />
        </IconButton>
      }
    >
      {mayGenerate && (
        <>
          <MenuItem onClick={() => controls.rerun()}>{t('rerun')}</MenuItem>
          <MenuItem onClick={() => controls.rerun('same')}>{t('rerunSame')}</MenuItem>
          <MenuItem onClick={controls.vary}>{t('vary')}</MenuItem>
          {isStored && <MenuItem onClick={controls.edit}>{t('edit')}</MenuItem>}
          <MenuItem onClick={controls.use}>{t('use')}</MenuItem>
          <MenuSeparator />
        </>
      )}
      <MenuItem onClick={controls.compare}>{t('compare')}</MenuItem>
      <MenuItem onClick={controls.showLineage}>{t('lineage')}</MenuItem>
      <MenuItem onClick={controls.showRecord}>{t('record')}</MenuItem>
      {isStored && image.url !== null && (
        // The item gives the link its content and name.
        // eslint-disable-next-line jsx-a11y/anchor-has-content, jsx-a11y/control-has-associated-label
        <MenuItem
          render={<a href={localUrl(image.url, isBinned(record, image))} download={fileNameOf(record.prompt, image)} />}
        >
          {t('download')}
        </MenuItem>
      )}
      <MenuSeparator />
      <CopyItems record={record} />
    </Menu>
  );
}
