import { createClient, createHistoryClient, type Client, type HistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { startService, type Service } from './service.ts';

/** A running service with its gallery, and a browser. */
export interface Gallery {
  readonly service: Service;
  readonly browser: Browser;
  /** The API, beside the page: to prepare what a page shows, and to see what it did. */
  readonly client: Client;
  readonly history: HistoryClient;
  /** A page of a new visitor. What it logs as an error, and what its policy forbids, is collected in `faults`. */
  visit(path: string, options?: VisitOptions): Promise<Visit>;
}

export interface VisitOptions {
  readonly language?: 'en' | 'zh';
  readonly theme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly context?: BrowserContextOptions;
}

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Exceptions, errors of the console, breaches of the policy. A test that expects none of them says so. */
  readonly faults: readonly string[];
}

export const DESKTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** How long a page waits for what a test looks for: the simulator draws, on a machine that may be busy. */
const PATIENCE_MS = 60_000;

/** Starts the built service on an empty folder, with the simulator behind it, and a browser. */
export async function openGallery(environment: Record<string, string> = {}): Promise<Gallery & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const service = resources.use(await startService({ DATA_DIR: folder.path, PORT: '0', ...environment }));
  const browser = resources.use(await openBrowser());
  const options = { baseUrl: service.url, apiKey: environment['ADMIN_API_KEY'] ?? 'none' };
  const open = resources.move();
  return {
    service,
    browser,
    client: createClient(options),
    history: createHistoryClient(options),
    visit: (path, visitOptions) => visit(browser, `${service.url}${path}`, visitOptions),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { language = 'en', theme = 'light', viewport = DESKTOP } = options;
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    colorScheme: theme,
    viewport,
    hasTouch: viewport.width < 600,
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options.context,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults = faultsOf(page);
  await page.goto(url);
  return { page, context, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** Collects what goes wrong in a page. Requests that fail are no faults: pages are shown what a service refuses. */
function faultsOf(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) faults.push(text);
  });
  return faults;
}
