import Negotiator from 'negotiator';

export type Language = 'en' | 'zh';

/** The language of the page: that of `?lang=`, else the one the browser prefers, else English. */
export function languageOf(requested: unknown, acceptLanguage: string | undefined): Language {
  if (requested === 'zh' || requested === 'en') return requested;
  const preferred = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(['en', 'zh']);
  return preferred === 'zh' ? 'zh' : 'en';
}
