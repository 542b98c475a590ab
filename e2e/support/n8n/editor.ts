import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { N8nServer } from './server.ts';

export interface Editor {
  readonly page: Page;
  /** Its canvas, with all nodes in view. */
  openWorkflow(id: string): Promise<void>;
  /** The panel of a node, in place of one that is open. */
  openNode(name: string): Promise<Locator>;
}

/** A parameter's name as a panel shows it. */
interface Label {
  readonly text: string;
  /** Whether it can be scrolled to and nothing covers it. */
  readonly isSeen: boolean;
  readonly isCut: boolean;
}

/** For `expect.poll`, whose own limit is a second. */
export const PATIENCE = { timeout: 60_000 };

const BROWSER_ID = 'e2e-browser';

/** n8n's editor in a browser, logged in. */
export async function openEditor(browser: Browser, n8n: N8nServer, options: BrowserContextOptions): Promise<Editor> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE.timeout);
  const page = await context.newPage();
  const panel = page.locator('[data-test-id=ndv]');
  const { email, password } = n8n.owner;
  // By request, because the form takes seconds. n8n binds the session to this id.
  await page.request.post(`${n8n.url}/rest/login`, {
    data: { emailOrLdapLoginId: email, password },
    headers: { 'browser-id': BROWSER_ID },
  });
  await context.addInitScript((id) => localStorage.setItem('n8n-browserId', id), BROWSER_ID);
  return {
    page,
    openWorkflow: async (id) => {
      await page.goto(`${n8n.url}/workflow/${id}`);
      await page.locator('[data-test-id=canvas-node]').first().waitFor();
    },
    openNode: async (name) => {
      if (await panel.isVisible()) await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
      // The canvas keeps its section of the workflow when the window gets smaller.
      await page.locator('[data-test-id=zoom-to-fit]').click();
      await page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`).dblclick();
      await panel.locator('[data-test-id=node-parameters]').waitFor();
      return panel;
    },
  };
}

/** The names of all parameters in a node's panel, in order. The page also has those of the tab Settings, hidden. */
export function labelsIn(panel: Locator): Promise<readonly Label[]> {
  return panel.locator('[data-test-id=node-parameters] [data-test-id=input-label]').evaluateAll((labels) =>
    labels
      .filter((label) => label.checkVisibility())
      .map((label) => {
        const text = label.querySelector('.n8n-text') ?? label;
        text.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = text.getBoundingClientRect();
        const onTop = document.elementFromPoint(left + width / 2, top + height / 2);
        let isCut = false;
        for (let at: Element | null = text; at !== null && at !== label.parentElement; at = at.parentElement) {
          const hides = getComputedStyle(at).overflowX !== 'visible';
          isCut ||= hides && at.scrollWidth > at.clientWidth + 1;
        }
        return { text: text.textContent.trim(), isSeen: onTop !== null && label.contains(onTop), isCut };
      }),
  );
}

/** Values of a panel that are wider than their fields. */
export function cutValuesIn(panel: Locator): Promise<readonly string[]> {
  return panel
    .locator('[data-test-id=node-parameters] input')
    .evaluateAll((inputs) =>
      (inputs as HTMLInputElement[])
        .filter((input) => input.checkVisibility() && input.scrollWidth > input.clientWidth + 1)
        .map((input) => input.value),
    );
}
