import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Message } from '../ui/message.tsx';

export function NotFound(): ReactNode {
  const t = useTranslations('app');
  return (
    <Message title={t('notFound')}>
      <Link to="/">{t('toLibrary')}</Link>
    </Message>
  );
}
