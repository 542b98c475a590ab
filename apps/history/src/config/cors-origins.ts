const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#*@,]+$/;

/**
 * Reads `CORS_ORIGINS`: the origins of pages that may use the service, separated by commas, or `*` for every page. Without keys, every page
 * could spend money, so `*` needs ADMIN_API_KEY.
 */
export function readCorsOrigins(
  text: string | null,
  hasKey: boolean,
  onProblem: (problem: string) => void,
): readonly string[] {
  const origins = (text ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  if (origins.includes('*')) {
    if (origins.length > 1) onProblem('CORS_ORIGINS must be either * or a list of origins, not both.');
    if (!hasKey)
      onProblem('CORS_ORIGINS is *, so every web page could spend your money: set ADMIN_API_KEY, or list the origins.');
    return origins;
  }
  for (const origin of origins) {
    if (ORIGIN.test(origin) && (!/^https?:/.test(origin) || URL.parse(origin)?.origin === origin)) continue;
    onProblem(
      `CORS_ORIGINS must be origins such as https://app.example.com or http://localhost:5173, as browsers send them: in lower case, without a path and without a default port. Got ${JSON.stringify(origin)}.`,
    );
  }
  return origins;
}
