export type Language = 'en' | 'zh';

/** The language asked for by `?lang=`, else the first of the browser's that we have, else English. */
export function languageOf(asked: unknown, acceptLanguage: string | undefined): Language {
  if (asked === 'zh' || asked === 'en') return asked;
  const preferred = (acceptLanguage ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
  return preferred.find((language) => language === 'zh' || language === 'en') === 'zh' ? 'zh' : 'en';
}
