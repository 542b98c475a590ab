import { access } from 'node:fs/promises';
import { disposable } from '@wan-image/testing/resource';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The Chromium of the system. `hosts` maps names to addresses, as a hostile DNS server does. */
export async function openBrowser(hosts: Record<string, string> = {}): Promise<Browser & AsyncDisposable> {
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  const browser = await chromium.launch({
    executablePath: await installedChromium(),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(', ')}`] : []),
    ],
  });
  return disposable(browser, () => browser.close());
}

async function installedChromium(): Promise<string> {
  for (const path of PATHS) {
    if (path !== undefined && (await exists(path))) return path;
  }
  throw new Error('Chromium is not installed. Install it (on Debian: apt-get install chromium), or set CHROMIUM_PATH.');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
