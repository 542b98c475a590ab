import { render, screen } from '@testing-library/react';
import { useTranslations } from 'use-intl';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Language } from './language.ts';

const EN = { app: { library: 'Library' } };
const ZH = { app: { library: '图库' } };

/** As the files of the page, but that none of them needs another one. */
const FILES = {
  './en/first.ts': { first: EN },
  './en/index.ts': { en: { ...EN, settings: { version: 'Version' } } },
  './zh/first.ts': { first: ZH },
  './zh/index.ts': { zh: { ...ZH, settings: { version: '版本' } } },
} as const;

type File = keyof typeof FILES;

/** Each file arrives when the test lets it. */
function holdFiles(): (file: File) => void {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  for (const [file, content] of Object.entries(FILES)) {
    const gate = Promise.withResolvers<void>();
    gates.set(file, gate);
    vi.doMock(file, async () => {
      await gate.promise;
      return content;
    });
  }
  return (file) => gates.get(file)?.resolve();
}

beforeEach(() => {
  vi.resetModules();
  localStorage.clear();
});
afterEach(() => Object.keys(FILES).forEach((file) => vi.doUnmock(file)));

function choose(language: Language): void {
  localStorage.setItem('wan-image.language', language);
}

function Words(): ReactNode {
  const app = useTranslations('app');
  const settings = useTranslations('settings');
  return (
    <p>
      {app('library')} {settings('version')}
    </p>
  );
}

test('what the first view needs does not replace all texts when it arrives after them', async () => {
  choose('en');
  const arrive = holdFiles();
  const { loadFirstTexts, loadTexts, Texts } = await import('./texts.tsx');
  const [first, whole] = [loadFirstTexts(), loadTexts()];
  arrive('./en/index.ts');
  await whole;
  arrive('./en/first.ts');
  await first;
  render(
    <Texts>
      <Words />
    </Texts>,
  );
  expect(screen.getByText('Library Version')).toBeTruthy();
});

test('the language is the one that was chosen last, in whichever order its texts arrive', async () => {
  choose('en');
  const arrive = holdFiles();
  const { loadTexts, Texts } = await import('./texts.tsx');
  arrive('./en/index.ts');
  await loadTexts();
  choose('zh');
  const chinese = loadTexts();
  choose('en');
  arrive('./zh/index.ts');
  await chinese;
  render(
    <Texts>
      <Words />
    </Texts>,
  );
  expect(screen.getByText('Library Version')).toBeTruthy();
});

test('a view whose texts arrive after another language was chosen is shown in its own until that is there', async () => {
  choose('en');
  const arrive = holdFiles();
  const { loadFirstTexts, loadTexts, Texts } = await import('./texts.tsx');
  arrive('./en/first.ts');
  await loadFirstTexts();
  const whole = loadTexts();
  choose('zh');
  arrive('./en/index.ts');
  await whole;
  render(
    <Texts>
      <Words />
    </Texts>,
  );
  expect(screen.getByText('Library Version')).toBeTruthy();
  arrive('./zh/index.ts');
  expect(await screen.findByText('图库 版本', {}, { timeout: 30_000 })).toBeTruthy();
});
