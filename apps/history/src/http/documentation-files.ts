/** The route of the files of the Swagger UI package, which has more than its page loads: sources, maps, its package.json. */
const FILES_ROUTE = '/docs/*';

const FILES: ReadonlySet<string> = new Set([
  'favicon-16x16.png',
  'favicon-32x32.png',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
]);

/** Whether a request is for a file of the documentation that its page does not need. */
export function isOtherFile(route: string | undefined, url: string): boolean {
  if (route !== FILES_ROUTE) return false;
  const path = url.split('?', 1)[0] ?? '';
  return !FILES.has(path.slice(path.lastIndexOf('/') + 1));
}
