import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/query-client.ts';
import { serviceQuery } from './api/service.ts';
import { createGalleryRouter } from './app/router.tsx';
import { followTheme } from './page/theme.ts';
import { loadFirstTexts, Texts } from './i18n/texts.tsx';
import './styles/base.css';

followTheme();
const queryClient = createQueryClient();
const router = createGalleryRouter(queryClient);
// The view is loaded meanwhile, and what it needs to know of the service.
void router.load();
void queryClient.prefetchQuery(serviceQuery);
await loadFirstTexts();
const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no #root');
createRoot(element).render(
  <StrictMode>
    <Texts>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Texts>
  </StrictMode>,
);
