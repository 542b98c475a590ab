import type { GenerationRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { MenuItem } from '../ui/menu.tsx';
import { asCurl, asN8n, asTypeScript, canRepeat } from './copy-as.ts';
import { useCopy } from './use-copy.ts';

/** Copies of the request, in a menu. */
export function CopyItems({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  const copy = useCopy();
  const { data: service } = useService();
  const target = { baseUrl: location.origin, isKeyRequired: service?.key_required ?? false };
  const isWhole = canRepeat(record);
  return (
    <>
      <MenuItem onClick={() => copy(record.prompt)}>{t('copyPrompt')}</MenuItem>
      <MenuItem isDisabled={!isWhole} onClick={() => copy(asCurl(record, target))}>
        {t('copyCurl')}
      </MenuItem>
      <MenuItem isDisabled={!isWhole} onClick={() => copy(asTypeScript(record, target))}>
        {t('copyTypeScript')}
      </MenuItem>
      <MenuItem isDisabled={!isWhole} onClick={() => copy(asN8n(record), t('copiedN8n'))}>
        {t('copyN8n')}
      </MenuItem>
      {!isWhole && <MenuItem isDisabled>{t('copyCut')}</MenuItem>}
    </>
  );
}
