import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { loadTexts } from '../i18n/texts.tsx';
import { isFiltered, readLibrarySearch } from '../filter/library-search.ts';
import { readCompareSearch } from '../view/compare-search.ts';
import { readCreateSearch } from '../create/create-search.ts';
import { readStatisticsSearch } from '../statistics/statistics-search.ts';
import { NotFound } from './not-found.tsx';
import { RouteProblem } from './route-problem.tsx';
import { parseSearchParams, stringifySearchParams } from '../page/search-params.ts';
import { Shell } from './shell.tsx';
import { onceReachable } from '../ui/late.ts';

const root = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
});

const loadLibrary = () => import('../library/library-page.tsx');

async function readFirst(queries: QueryClient): Promise<void> {
  await (await loadLibrary()).readFirst(queries);
}

// Each view is a file of its own, which the browser loads when it is visited. The service serves the page under each of these paths: a new
// one belongs into its list too (apps/history/src/http/page-routes.ts).
const views = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    validateSearch: readLibrarySearch,
    loaderDeps: ({ search }) => ({ isWhole: !isFiltered(search) }),
    loader({ context, deps }) {
      // Nothing waits for it: the view reads the same, if it cannot be read now.
      if (deps.isWhole) void readFirst(context.queryClient).catch(() => undefined);
    },
    component: lazyRouteComponent(loadLibrary, 'LibraryPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/view/$imageId',
    validateSearch: readLibrarySearch,
    component: lazyRouteComponent(
      withTexts('/view', () => import('../view/view-page.tsx')),
      'ViewPage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/generations/$id',
    component: lazyRouteComponent(
      withTexts('/generations', () => import('../view/generation-page.tsx')),
      'GenerationPage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/compare',
    validateSearch: readCompareSearch,
    component: lazyRouteComponent(
      withTexts('/compare', () => import('../view/compare-page.tsx')),
      'ComparePage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/create',
    validateSearch: readCreateSearch,
    component: lazyRouteComponent(
      withTexts('/create', () => import('../create/create-page.tsx')),
      'CreatePage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/activity',
    component: lazyRouteComponent(
      withTexts('/activity', () => import('../activity/activity-page.tsx')),
      'ActivityPage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/statistics',
    validateSearch: readStatisticsSearch,
    component: lazyRouteComponent(
      withTexts('/statistics', () => import('../statistics/statistics-page.tsx')),
      'StatisticsPage',
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: lazyRouteComponent(
      withTexts('/settings', () => import('../settings/settings-page.tsx')),
      'SettingsPage',
    ),
  }),
] as const;

/**
 * The file of a view and the texts that the first view does not need, side by side. It is wanted once its path is in the address, and not while
 * a pointer is only above a link to it.
 */
function withTexts<Module>(path: string, load: () => Promise<Module>): () => Promise<Module> {
  const isWanted = (): boolean => location.pathname.startsWith(path);
  return async () => (await onceReachable(() => Promise.all([load(), loadTexts()]), isWanted))[0];
}

const routeTree = root.addChildren(views);

export function createGalleryRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    context: { queryClient },
    parseSearch: parseSearchParams,
    stringifySearch: stringifySearchParams,
    // What a view does not know is dropped, instead of staying beside what it has read of it: `metadata[order]` twice.
    search: { strict: true },
    defaultErrorComponent: RouteProblem,
    // The library keeps its own position: it is no element that scrolls as a whole.
    scrollRestoration: false,
    defaultPreload: 'intent',
    ...(history && { history }),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createGalleryRouter>;
  }
}
