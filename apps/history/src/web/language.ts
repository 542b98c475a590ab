import Negotiator from 'negotiator';

export type Language = 'en' | 'zh';

/** Named after the service: a browser sends the cookies of a host to all of its ports. */
const COOKIE = /(?:^|;)\s*wan-image-lang=(en|zh)\s*(?=;|$)/;

const YEAR_S = 365 * 24 * 60 * 60;

/** What a request says of the language of the page. */
export interface LanguageHints {
  /** `?lang=` of the URL. */
  readonly requested: unknown;
  readonly cookie: string | undefined;
  readonly acceptLanguage: string | undefined;
}

/** The language of the page: that of `?lang=`, else the one that was chosen before, else the one the browser prefers, else English. */
export function languageOf({ requested, cookie, acceptLanguage }: LanguageHints): Language {
  const chosen = chosenLanguage(requested) ?? chosenLanguage(COOKIE.exec(cookie ?? '')?.[1]);
  if (chosen !== null) return chosen;
  const preferred = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(['en', 'zh']);
  return preferred === 'zh' ? 'zh' : 'en';
}

/** The language that `?lang=` chooses; null for any other value. */
export function chosenLanguage(requested: unknown): Language | null {
  return requested === 'zh' || requested === 'en' ? requested : null;
}

/** The `set-cookie` that remembers a choice for a year. No script and no other site reads it. */
export function languageCookie(language: Language, isHttps: boolean): string {
  return `wan-image-lang=${language}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax; HttpOnly${isHttps ? '; Secure' : ''}`;
}
