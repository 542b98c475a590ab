import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { openAiCredential } from '../support/n8n/agent.ts';
import { startChatModel } from '../support/n8n/chat-model.ts';
import { cutValuesIn, labelsIn, openEditor, PATIENCE, type Editor } from '../support/n8n/editor.ts';
import { n8nHost } from '../support/n8n/host.ts';
import { shownParameters, type NodeType } from '../support/n8n/shown-parameters.ts';
import { NODE, PANELS, panelsWorkflow, type Panel } from '../support/n8n/panels.ts';
import { example, linked, startWanImageServer, wanImage } from '../support/n8n/wan-image-server.ts';
import type { WanImageServer } from '../support/n8n/wan-image-server.ts';
import { startService } from '../support/service.ts';

/**
 * The node in n8n's editor. The screenshots of each run are in `wan-image-screenshots` of the temporary folder: look at them after
 * each change of a field. UPDATE_SCREENSHOTS=1 replaces those of the node's README.
 */

const FOLDER = join(tmpdir(), 'wan-image-screenshots');
const README_FOLDER = join(import.meta.dirname, '../../packages/n8n-nodes-wan-image/docs');
/** The screenshots of the README, with their names there. */
const OF_README: Readonly<Record<string, string>> = {
  'generate-light-1440': 'generate',
  'trigger-light-1440': 'trigger',
  'edit-rows': 'edit',
  list: 'generations',
  canvas: 'canvas',
  image: 'image',
  agent: 'agent',
};

const ADMIN_KEY = 'admin-key-0123456789-abcdefghij-0123456789';

const DESK = { width: 1440, height: 1000 };
const LOW = { width: 1440, height: 760 };
const NARROW = { width: 1100, height: 800 };

const CHAT_MODEL = '@n8n/n8n-nodes-langchain.lmChatOpenAi';

/** Nodes of the same workflow for other tests. */
const OTHERS: Readonly<Record<string, Panel>> = {
  'too large': { type: NODE, parameters: { prompt: '灯塔', size: 'custom', width: 9999, height: 9999 } },
  search: { type: NODE, parameters: { resource: 'generation', search: '花店' } },
  select: { type: NODE, parameters: { resource: 'generation', operation: 'downloadImages' } },
};

const resources = new AsyncDisposableStack();
let server: WanImageServer;
let browser: Browser;
/** One for all tests: the editor takes seconds to load. */
let editor: Editor;
let nodeTypes: readonly NodeType[];
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  server = resources.use(await startWanImageServer());
  browser = resources.use(await openBrowser());
  editor = await openEditor(browser, server.n8n, { colorScheme: 'light', viewport: DESK });
  nodeTypes = await server.n8n.nodeTypes();
  const workflow = panelsWorkflow({ ...PANELS, ...OTHERS });
  await editor.openWorkflow(await server.n8n.createWorkflow(linked(workflow, wanImage(await historyCredential()))));
});
afterAll(() => resources.disposeAsync());

/** Of a history service with some generations. */
async function historyCredential(): Promise<string> {
  const folder = resources.use(await temporaryFolder());
  const environment = { DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: ADMIN_KEY };
  const { url: baseUrl } = resources.use(await startService(environment));
  const history = createHistoryClient({ baseUrl, apiKey: ADMIN_KEY });
  for (const prompt of ['一间花店，漂亮的木质门', 'A lighthouse at dusk', '一间有着精致窗户的花店']) {
    const { id } = await history.submit({ model: 'wan2.7-image', prompt, size: '1K', n: 2 });
    await history.get(id, { wait: 30 });
  }
  return server.n8n.createCredential('Wan Image API', 'wanImageApi', { baseUrl, apiKey: ADMIN_KEY });
}

describe.each([
  ['dark', DESK],
  ['light', NARROW],
  ['light', DESK],
] as const)('the panels in the %s theme at %o', (colorScheme, viewport) => {
  beforeAll(async () => {
    await editor.page.emulateMedia({ colorScheme });
    await editor.page.setViewportSize(viewport);
  });

  test.each(Object.entries(PANELS))(
    '%s: every parameter in its order, none cut',
    async (title, { type, parameters }) => {
      const panel = await editor.openNode(title);
      const nodeType = nodeTypes.find((candidate) => candidate.name === type)!;
      const expected = shownParameters(await n8nHost(), nodeType, parameters);
      await expect.poll(async () => (await labelsIn(panel)).map(({ text }) => text), PATIENCE).toEqual(expected);
      const labels = await labelsIn(panel);
      await scrollToTop(panel);
      const name = `${title}-${colorScheme}-${viewport.width}`;
      await shoot(editor.page, name);
      if (viewport === DESK) await shootWhole(editor.page, panel, name);
      if (title === 'edit' && name.endsWith('light-1440')) await shootRows(editor.page, panel);
      expect(labels.filter(({ isSeen, isCut }) => isCut || !isSeen)).toEqual([]);
      if ('purge' in parameters) expect(await panel.innerText()).toContain('Nothing brings the generation');
      if ('imageSet' in parameters)
        expect(await panel.innerText()).toContain('may generate, and bill, up to 12 images');
      expect(await panel.innerText()).not.toMatch(/undefined|\[object Object\]|NaN/);
      // In a narrow window n8n's own fields are cut off too.
      if (viewport === DESK) expect(await cutValuesIn(panel)).toEqual([]);
    },
  );
});

test('the credential shows that its test passed', async () => {
  const panel = await editor.openNode('generate');
  await panel.locator('[data-test-id=credential-edit-button]').click();
  const dialogue = editor.page.locator('[data-test-id=credential-edit-dialog]');
  await dialogue.getByText('Connection tested successfully').waitFor();
  expect(await dialogue.innerText()).toMatch(/Base URL[^]*API Key/);
  await shoot(editor.page, 'credential');
  await editor.page.keyboard.press('Escape');
  await dialogue.waitFor({ state: 'detached' });
});

test('Get Many shows the generations that it found', async () => {
  await editor.page.setViewportSize(DESK);
  const panel = await editor.openNode('search');
  await panel.locator('[data-test-id=node-execute-button]').click();
  await dismissed(editor.page, 'Node executed successfully');
  const output = panel.locator('[data-test-id=output-panel]');
  await expect.poll(() => output.innerText(), PATIENCE).toMatch(/2 items[^]*一间花店，漂亮的木质门/);
  await shoot(editor.page, 'found');
});

test('a generation is selected by words of its prompt, and its images are downloaded', async () => {
  const { page } = editor;
  await page.setViewportSize(DESK);
  const panel = await editor.openNode('select');
  await panel.locator('[data-test-id=rlc-input]').click();
  const items = page.locator('[data-test-id=rlc-item]');
  await expect.poll(() => items.count(), PATIENCE).toBe(3);
  await shoot(page, 'list');
  await page.locator('[data-test-id=rlc-search]').fill('lighthouse');
  await expect.poll(() => items.allInnerTexts(), PATIENCE).toEqual([expect.stringMatching(/ · A lighthouse at dusk$/)]);
  await items.first().click();
  await panel.locator('[data-test-id=node-execute-button]').click();
  await dismissed(page, 'Node executed successfully');
  const output = panel.locator('[data-test-id=output-panel]');
  await expect.poll(() => output.innerText(), PATIENCE).toMatch(/2 items[^]*A-lighthouse-at-dusk-1\.png/);
  await shoot(page, 'downloaded');
});

// After those that run nodes: n8n's editor cannot run another node of a workflow whose first run has failed.
test('the panel shows an error, and that nothing was billed', async () => {
  const panel = await editor.openNode('too large');
  await panel.locator('[data-test-id=node-execute-button]').click();
  const output = panel.locator('[data-test-id=output-panel]');
  await output.getByText('Nothing was sent, so nothing was billed.').waitFor();
  expect(await output.innerText()).toMatch(/Size "9999x9999" has/);
  await shoot(editor.page, 'error');
});

test('the list of products runs, and shows its images', async () => {
  const { page } = editor;
  await page.setViewportSize(LOW);
  const workflow = await example('product-images.json', wanImage(server.credential));
  await editor.openWorkflow(await server.n8n.createWorkflow(workflow));
  await page.locator('[data-test-id=execute-workflow-button]').click();
  await dismissed(page, 'Workflow executed successfully');
  await shoot(page, 'canvas');
  await page.setViewportSize(DESK);

  const panel = await editor.openNode('Generate product');
  await panel.getByText('Success Branch (3 items)').waitFor();
  await expect
    .poll(() => panel.locator('[data-test-id=output-panel]').innerText(), PATIENCE)
    .toContain('CUP-01-1024x1024.png');
  await shoot(page, 'output');
  await panel.locator('[data-test-id=ndv-view-binary-data]').first().click();
  const image = panel.locator('[data-test-id=output-panel] img[src*="binary-data"]');
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth), PATIENCE).toBe(1024);
  await shoot(page, 'image');
});

test('the agent shows an image in the chat', async () => {
  await using model = await startChatModel([
    {
      tool: 'Generate_an_image',
      arguments: { Prompt: '红色的灯塔，海边，日落', Number_of_Images: 1, Size: '1280x720' },
    },
    { text: (said) => (JSON.parse(said) as { markdown: string }[]).map(({ markdown }) => markdown).join('\n') },
  ]);
  const chat = await server.n8n.createCredential('Chat', 'openAiApi', openAiCredential(model.baseUrl));
  const workflow = await example('image-agent.json', {
    ...wanImage(server.credential),
    [CHAT_MODEL]: { type: 'openAiApi', id: chat },
  });
  const { page } = editor;
  await editor.openWorkflow(await server.n8n.createWorkflow(workflow));
  await page.locator('[data-test-id=workflow-chat-button]').click();
  await enlarge(page.locator('[data-test-id=logs-panel]'));
  await page.locator('[data-test-id=canvas-chat] textarea').fill('海边的红色灯塔，日落');
  await page.keyboard.press('Enter');
  const image = page.locator('[data-test-id=canvas-chat] img').first();
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth), PATIENCE).toBe(1280);
  await dismissed(page, 'Workflow executed successfully');
  await shoot(page, 'agent');
  const panel = await editor.openNode('Generate an image');
  await panel.locator('[data-test-id=output-panel]').getByText('markdown').first().waitFor();
  await shoot(page, 'agent-tool');
});

/** The message that covers a corner of the canvas. */
async function dismissed(page: Page, text: string): Promise<void> {
  const message = page.getByRole('alert').filter({ hasText: text });
  await message.first().waitFor();
  // Not by a click of the mouse, which would wait for a message that has just closed itself.
  await message.locator('.el-notification__closeBtn').evaluateAll((buttons) => {
    for (const button of buttons) (button as HTMLElement).click();
  });
  await message.first().waitFor({ state: 'detached' });
}

async function scrollToTop(panel: Locator): Promise<void> {
  await panel
    .locator('[data-test-id=node-credentials-slot], [data-test-id=credentials-label]')
    .first()
    .scrollIntoViewIfNeeded();
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const png = await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled', caret: 'hide' });
  if (process.env['UPDATE_SCREENSHOTS'] === '1') await updateReadme(name, png);
}

/** The rows of an edit, which start below the middle of a screen. */
async function shootRows(page: Page, panel: Locator): Promise<void> {
  await panel
    .locator('[data-test-id=parameter-input-prompt]')
    .evaluate((field) => field.scrollIntoView({ block: 'start' }));
  await shoot(page, 'edit-rows');
}

/** Drags the upper edge of the chat up, so that an image fits. */
async function enlarge(chat: Locator): Promise<void> {
  const { x, y, width } = (await chat.boundingBox())!;
  const mouse = chat.page().mouse;
  await mouse.move(x + width / 2, y);
  await mouse.down();
  await mouse.move(x + width / 2, y - 160, { steps: 4 });
  await mouse.up();
}

/** The full length of a panel, which no screen shows at once. */
async function shootWhole(page: Page, panel: Locator, name: string): Promise<void> {
  const { width, height } = page.viewportSize()!;
  await page.setViewportSize({ width, height: 1900 });
  await panel.locator('[data-test-id=node-parameters]').screenshot({ path: join(FOLDER, `${name}-whole.png`) });
  await page.setViewportSize({ width, height });
}

/** As WebP, encoded by Chromium: a tenth of the size of the PNG. */
async function updateReadme(screenshot: string, png: Buffer): Promise<void> {
  const name = OF_README[screenshot];
  if (name === undefined) return;
  const page = await browser.newPage();
  const webp = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.85);
  }, png.toString('base64'));
  await page.close();
  await mkdir(README_FOLDER, { recursive: true });
  await writeFile(join(README_FOLDER, `${name}.webp`), Buffer.from(webp.replace(/^.*,/, ''), 'base64'));
}
