import { createPreference } from '../page/preference.ts';

/** The languages of the page, each by its own name. */
export const LANGUAGE_NAMES = [
  ['en', 'English'],
  ['zh', '中文'],
] as const;

export type Language = (typeof LANGUAGE_NAMES)[number][0];

const LANGUAGES = LANGUAGE_NAMES.map(([language]) => language);

/** The language of the page: the one that was chosen in this browser, else the first of the browser's own that there is, else English. */
export const languagePreference = createPreference<Language>('language', LANGUAGES, () =>
  preferredLanguage(navigator.languages),
);

/** The first of these languages that the page has, such as `zh` for `zh-TW`. */
export function preferredLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const [base] = tag.toLowerCase().split('-', 1);
    const known = LANGUAGES.find((language) => language === base);
    if (known !== undefined) return known;
  }
  return 'en';
}
