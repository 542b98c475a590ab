import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { usePreference } from '../page/preference.ts';
import type { Messages } from './en/index.ts';
import { languagePreference, type Language } from './language.ts';

declare module 'use-intl' {
  interface AppConfig {
    Locale: Language;
    Messages: Messages;
  }
}

/** What the first view shows, and everything: a browser loads the texts of one language, and those of the other views after the first. */
const LOADERS: Readonly<Record<Language, Readonly<Record<'first' | 'whole', () => Promise<Partial<Messages>>>>>> = {
  en: {
    first: async () => (await import('./en/first.ts')).first,
    whole: async () => (await import('./en/index.ts')).en,
  },
  zh: {
    first: async () => (await import('./zh/first.ts')).first,
    whole: async () => (await import('./zh/index.ts')).zh,
  },
};

interface LoadedTexts {
  readonly language: Language;
  readonly messages: Partial<Messages>;
  readonly isWhole: boolean;
}

const listeners = new Set<() => void>();
let loaded: LoadedTexts | null = null;

/** Loads what the library and the frame of the page show, in the language of the user. */
export function loadFirstTexts(): Promise<void> {
  return load(languagePreference.get(), 'first');
}

/** Loads everything, in the language of the user. Every view but the library waits for it. */
export function loadTexts(language: Language = languagePreference.get()): Promise<void> {
  return load(language, 'whole');
}

async function load(language: Language, part: 'first' | 'whole'): Promise<void> {
  if (loaded?.language === language && (loaded.isWhole || part === 'first')) return;
  const messages = await LOADERS[language][part]();
  // Files arrive in any order: texts do not become fewer again, and the language that was chosen last stays.
  const isLate =
    loaded?.language === language ? loaded.isWhole : loaded !== null && languagePreference.get() !== language;
  if (isLate) return;
  loaded = { language, messages, isWhole: part === 'whole' };
  listeners.forEach((listener) => listener());
}

/** Gives the texts to all components below, and follows the preference. Until another language has arrived, the present one stays. */
export function Texts({ children }: { readonly children: ReactNode }): ReactNode {
  const language = usePreference(languagePreference);
  const texts = useSyncExternalStore(subscribe, () => loaded);
  useEffect(() => {
    // Texts that cannot be loaded, for want of a connection, leave the page readable in the present language.
    if (loaded?.language !== language) loadTexts(language).catch(() => undefined);
  }, [language]);
  useEffect(() => {
    document.documentElement.lang = texts?.language === 'zh' ? 'zh-CN' : 'en';
  }, [texts]);
  if (texts === null) return null;
  return (
    <IntlProvider locale={texts.language} messages={texts.messages} timeZone={timeZone}>
      {children}
    </IntlProvider>
  );
}

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}

/** That of the browser: days are the user's own. */
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
