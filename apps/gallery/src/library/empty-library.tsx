import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useMay, useService } from '../api/service.ts';
import { ButtonLink } from '../ui/button-link.tsx';
import { Message } from '../ui/message.tsx';
import { isFiltered, type LibrarySearch } from '../filter/library-search.ts';

/** What the library shows when it has no image to show. */
export function EmptyLibrary({ search }: { readonly search: LibrarySearch }): ReactNode {
  const t = useTranslations('library');
  if (!isFiltered(search)) return <Welcome />;
  const { deleted, ...others } = search;
  const isBin = deleted === true && !isFiltered(others);
  return (
    <Message
      title={t(isBin ? 'emptyBinTitle' : 'emptyFilterTitle')}
      detail={t(isBin ? 'emptyBinLead' : 'emptyFilterLead')}
    >
      <Link to="/">{t(isBin ? 'toLibrary' : 'emptyFilterClear')}</Link>
    </Message>
  );
}

/** The first visit: two clicks lead to a first image. */
function Welcome(): ReactNode {
  const t = useTranslations('library');
  const { data: service } = useService();
  const mayGenerate = useMay('generate');
  return (
    <Message title={t('emptyTitle')} detail={service?.simulated === true ? t('emptySimulated') : t('emptyLead')}>
      {mayGenerate && (
        <>
          <ButtonLink href="/create?example=1" look="primary">
            {t('emptyExample')}
          </ButtonLink>
          <ButtonLink href="/create">{t('emptyOwn')}</ButtonLink>
        </>
      )}
    </Message>
  );
}
