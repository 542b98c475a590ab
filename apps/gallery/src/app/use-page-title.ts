import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';

/** The views by their routes, as tabs, bookmarks and screen readers name them. */
const TITLES = {
  '/': 'library',
  '/view/$imageId': 'image',
  '/generations/$id': 'generation',
  '/compare': 'compare',
  '/create': 'create',
  '/activity': 'activity',
  '/statistics': 'statistics',
  '/settings': 'settings',
} as const;

/** Names the document after the view that is shown, in the language of the page. */
export function usePageTitle(): void {
  const t = useTranslations('app');
  const view = useRouterState({
    select: ({ matches }) => {
      const { routeId, search } = matches.at(-1) ?? {};
      if (routeId === undefined || routeId === '__root__') return null;
      return routeId === '/' && search?.deleted === true ? 'bin' : TITLES[routeId];
    },
  });
  const title = view === null ? t('title') : `${t(view)} – ${t('title')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
