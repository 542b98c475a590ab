import { createPreference } from './preference.ts';

export const SINGLE_KEYS = ['on', 'off'] as const;

/** Whether a letter, digit or sign alone does something. Who speaks to the computer, or hits keys by accident, switches it off (WCAG 2.1.4). */
export const singleKeysPreference = createPreference<(typeof SINGLE_KEYS)[number]>(
  'single-keys',
  SINGLE_KEYS,
  () => 'on',
);
