/** The routes of the gallery's page: it decides in the browser what each of them shows. What is none of them stays a 404 of the API. */
export const PAGE_ROUTES: readonly string[] = [
  '/',
  '/create',
  '/view/:imageId',
  '/compare',
  '/generations/:id',
  '/activity',
  '/statistics',
  '/settings',
];
