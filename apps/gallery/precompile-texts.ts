import { pathToFileURL } from 'node:url';
import compile from 'icu-minify/compile';
import type { Plugin } from 'vite';

/** Files of texts, but not those that only put them together. */
const TEXTS = /\/src\/i18n\/(?:en|zh)\/(?!(?:index|first)\.ts)[\w-]+\.ts$/;

/**
 * Compiles the messages of a build, so that the page need not contain the parser of their syntax (9 kB of 12). In development and in tests,
 * the parser reads them.
 */
export function precompileTexts(): Plugin {
  return {
    name: 'precompile-texts',
    apply: 'build',
    enforce: 'pre',
    config: () => ({ resolve: { alias: { 'use-intl/format-message': 'use-intl/format-message/format-only' } } }),
    async load(id) {
      const path = id.replaceAll('\\', '/');
      if (!TEXTS.test(path)) return null;
      const texts = (await import(pathToFileURL(id).href)) as Readonly<Record<string, unknown>>;
      return Object.entries(texts)
        .map(([name, messages]) => `export const ${name} = ${JSON.stringify(compiled(messages))};`)
        .join('\n');
    },
  };
}

function compiled(messages: unknown): unknown {
  if (typeof messages === 'string') return compile(messages);
  return Object.fromEntries(Object.entries(messages as object).map(([key, value]) => [key, compiled(value)]));
}
