import { createPreference } from './preference.ts';

export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

export const themePreference = createPreference<Theme>('theme', THEMES, () => 'system');

/** Makes the document follow the chosen theme. */
export function followTheme(): void {
  const apply = (): void => {
    const theme = themePreference.get();
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  };
  themePreference.subscribe(apply);
  apply();
}
