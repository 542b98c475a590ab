import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Message } from '../ui/message.tsx';

/** In the place of an image that does not exist. */
export function MissingImage(): ReactNode {
  const t = useTranslations('view');
  return (
    <>
      <h1 className="visually-hidden">{t('toolbar')}</h1>
      <Message title={t('missing')} detail={t('missingHint')}>
        <Link to="/">{t('toLibrary')}</Link>
      </Message>
    </>
  );
}
