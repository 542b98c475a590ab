import type { GenerationRecord } from '@wan-image/core';
import { sendJson, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { imageOf, inputImageOf, recordOf } from './support/record.ts';
import { startService, submissions } from './support/create-service.ts';

const WAIT = { timeout: 30_000 };

beforeEach(() => {
  sessionStorage.clear();
  // The page is a new one: its modules read the address, and what the tab stores, when they are loaded.
  vi.resetModules();
});

/** Opens the page at a path, as the service serves it. */
async function open(service: TestServer, path = '/create') {
  (window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL(`${service.url}${path}`);
  const { createGalleryRouter } = await import('../src/app/router.tsx');
  const { createQueryClient } = await import('../src/api/query-client.ts');
  const { loadTexts, Texts } = await import('../src/i18n/texts.tsx');
  await loadTexts('en');
  const { draftStore } = await import('../src/create/draft-store.ts');
  const queries = createQueryClient();
  const router = createGalleryRouter(queries, createMemoryHistory({ initialEntries: [path] }));
  const page = render(
    <Texts>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Texts>,
  );
  const prompt = await screen.findByRole('textbox', { name: 'Prompt' }, WAIT);
  return { ...page, router, prompt: prompt as HTMLTextAreaElement, user: userEvent.setup(), draftStore };
}

function queued(changes: Partial<GenerationRecord> = {}): GenerationRecord {
  return recordOf({
    state: 'queued',
    outcome: null,
    images: [],
    sent_at: null,
    finished_at: null,
    cost: null,
    ...changes,
  });
}

const generate = (): HTMLElement => screen.getByRole('button', { name: 'Generate' });

test('on a first visit, an example and one click make the first image', async () => {
  const records: GenerationRecord[] = [];
  await using service = await startService({
    records,
    submit(request, response) {
      const { prompt } = JSON.parse(request.body) as { prompt: string };
      records.push(recordOf({ prompt }));
      sendJson(response, 202, queued({ prompt }));
    },
  });
  const { user, prompt } = await open(service, '/create?example=1');
  await waitFor(() => expect(prompt.value).toContain('flower shop'), WAIT);
  expect(screen.getByText('Simulated: nothing is billed')).toBeTruthy();
  await user.click(generate());
  await screen.findByRole('link', { name: /^Open image 1: A small flower shop/ }, WAIT);
  const [sent] = submissions(service);
  expect(JSON.parse(sent?.body ?? '')).toMatchObject({ n: 1, size: '2K', seed: expect.any(Number) as number });
  expect(sent?.headers).toMatchObject({ 'x-wan-image-client': 'gallery', prefer: 'respond-async' });
});

test('a response that comes after its user has signed out is not shown to the next one', async () => {
  const release = Promise.withResolvers<void>();
  await using service = await startService({
    async submit(_request, response) {
      await release.promise;
      sendJson(response, 202, queued({ prompt: 'of the first user' }));
    },
  });
  const { user, prompt } = await open(service);
  const { signedOut } = await import('../src/api/signed-out.ts');
  const { forgetDraft } = await import('../src/create/forget.ts');
  const { followed } = await import('../src/create/followed.ts');
  await user.type(prompt, 'of the first user');
  await user.click(generate());
  await waitFor(() => expect(submissions(service)).toHaveLength(1), WAIT);
  signedOut.forget();
  await forgetDraft();
  signedOut.clear();
  release.resolve();
  await waitFor(() => expect(generate()).toBeTruthy(), WAIT);
  expect(screen.queryByRole('article')).toBeNull();
  expect(followed.get()).toEqual([]);
});

test('an empty prompt is refused at the field before anything is sent', async () => {
  await using service = await startService();
  const { user, prompt } = await open(service);
  expect(screen.queryByText('Describe the image you want.')).toBeNull();
  await user.click(generate());
  expect(screen.getByText('Describe the image you want.')).toBeTruthy();
  expect(prompt.getAttribute('aria-invalid')).toBe('true');
  expect(submissions(service)).toEqual([]);
});

test('Ctrl+Enter sends from a field, and once for a key that is held', async () => {
  await using service = await startService({ submit: (_request, response) => sendJson(response, 202, queued()) });
  const { user, prompt } = await open(service);
  await user.type(prompt, 'A fox{Control>}{Enter>3/}{/Control}');
  await screen.findByRole('article', { name: 'A fox' }, WAIT);
  expect(submissions(service)).toHaveLength(1);
});

test('a pasted image becomes an input, and what is wrong with it is said at its tile', async () => {
  await using service = await startService();
  const { user, prompt } = await open(service);
  const bytes = await encodeImage({ format: 'png', width: 300, height: 300, alpha: true });
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], 'shot.png', { type: 'image/png' }));
  prompt.focus();
  await user.paste(data);
  expect(await screen.findByText('PNG with transparency is not allowed.', {}, WAIT)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Convert to JPEG' })).toBeTruthy();
  await user.type(prompt, 'A fox');
  await user.click(generate());
  expect(screen.getByText('Nothing was sent: see the marked fields.')).toBeTruthy();
  expect(submissions(service)).toEqual([]);
});

test('an expired session asks for the key over the form, which stays as it is', async () => {
  await using service = await startService({
    submit(_request, response) {
      sendJson(response, 401, { error: { message: 'The session has ended.', type: 'x', code: 'invalid_api_key' } });
    },
  });
  const { user, prompt, draftStore } = await open(service);
  await user.type(prompt, 'A fox');
  await user.click(generate());
  await screen.findByRole('dialog', { name: 'Sign in' }, WAIT);
  expect(prompt.value).toBe('A fox');
  expect(prompt.isConnected).toBe(true);
  // Nothing was done, so nothing is unsettled.
  expect(draftStore.get().attempt).toBeNull();
});

test('after a lost connection, the same request is sent with the same key and seed, also after a reload', async () => {
  let isUp = false;
  await using service = await startService({
    submit(_request, response) {
      if (isUp) sendJson(response, 202, queued());
      else response.socket?.destroy();
    },
  });
  const first = await open(service);
  await first.user.type(first.prompt, 'A fox');
  await first.user.click(generate());
  await screen.findByText('The service cannot be reached', {}, WAIT);
  first.unmount();
  vi.resetModules();
  const second = await open(service);
  expect(second.prompt.value).toBe('A fox');
  expect(screen.getByText(/not known whether your last request arrived/)).toBeTruthy();
  isUp = true;
  await second.user.click(generate());
  await waitFor(() => expect(second.draftStore.get().attempt).toBeNull(), WAIT);
  const sent = submissions(service);
  expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  // Pressed at once, it would be a double click.
  await screen.findByRole('button', { name: 'Generate' }, WAIT);
  await second.user.click(generate());
  expect(submissions(service)).toHaveLength(sent.length);
  const later = Date.now() + 5000;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  await second.user.click(generate());
  vi.restoreAllMocks();
  await waitFor(() => expect(submissions(service).length).toBe(sent.length + 1), WAIT);
  const last = submissions(service).at(-1);
  expect(last?.headers['idempotency-key']).not.toBe(sent[0]?.headers['idempotency-key']);
  expect(last?.body).not.toBe(sent[0]?.body);
});

test('a session that expired after a lost connection does not make the request a new one', async () => {
  let isUp = false;
  await using service = await startService({
    submit(_request, response) {
      const error = { message: 'The session has ended.', type: 'x', code: 'invalid_api_key' };
      if (isUp) sendJson(response, 401, { error });
      else response.socket?.destroy();
    },
  });
  const { user, prompt, draftStore } = await open(service);
  await user.type(prompt, 'A fox');
  await user.click(generate());
  await screen.findByText('The service cannot be reached', {}, WAIT);
  isUp = true;
  await user.click(generate());
  await screen.findByRole('dialog', { name: 'Sign in' }, WAIT);
  const sent = submissions(service);
  expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(draftStore.get().attempt).toMatchObject({ key: sent[0]?.headers['idempotency-key'], mayBeDone: true });
  expect(screen.getByText(/not known whether your last request arrived/)).toBeTruthy();
});

test('a full disk, a spending limit and a rate limit say what to do, and what is typed stays', async () => {
  const refusals = [
    [402, 'spend_limit_reached', 'The spending limit is reached', {}],
    [429, 'rate_limit_exceeded', 'Too many requests', { 'retry-after': '40' }],
    [503, 'storage_unavailable', 'The service has no space left', { 'retry-after': '30' }],
  ] as const;
  let at = 0;
  await using service = await startService({
    submit(_request, response) {
      const [status, code, , headers] = refusals[at] ?? refusals[0];
      sendJson(response, status, { error: { message: `Refused: ${code}.`, type: 'x', code, param: null } }, headers);
    },
  });
  const { user, prompt } = await open(service);
  await user.type(prompt, 'A fox');
  for (const [index, [, code, title]] of refusals.entries()) {
    at = index;
    await user.click(generate());
    await screen.findByText(title, {}, WAIT);
    expect(screen.getByText(new RegExp(`Refused: ${code}`))).toBeTruthy();
    expect(prompt.value).toBe('A fox');
  }
});

test('what the service refuses of a field stands at the field, until it is changed', async () => {
  await using service = await startService({
    submit(_request, response) {
      const error = {
        message: 'The prompt names a person.',
        type: 'invalid_request_error',
        code: null,
        param: 'prompt',
      };
      sendJson(response, 400, { error });
    },
  });
  const { user, prompt } = await open(service);
  await user.type(prompt, 'A fox');
  await user.click(generate());
  await screen.findByText('The prompt names a person.', {}, WAIT);
  expect(prompt.getAttribute('aria-invalid')).toBe('true');
  await user.type(prompt, '!');
  expect(prompt.getAttribute('aria-invalid')).toBe('false');
});

test('the price is that of all images, at most that of a set, and not 0 without one', async () => {
  await using service = await startService({ info: { simulated: false, prices: { 'wan2.7-image-pro': '0.5' } } });
  const { user } = await open(service);
  await user.click(within(screen.getByRole('radiogroup', { name: 'Images' })).getByRole('radio', { name: '3' }));
  await screen.findByText('CN¥1.50', {}, WAIT);
  await user.click(screen.getByRole('checkbox', { name: 'A set of related images' }));
  await screen.findByText('up to CN¥2.00', {}, WAIT);
  await user.click(screen.getByRole('radio', { name: /^Wan 2.7 Image\b(?!.*Pro)/ }));
  expect(await screen.findByText('No price set', {}, WAIT)).toBeTruthy();
});

test('earlier settings are shown before they replace what is typed, and come back by undo', async () => {
  const request = { model: 'wan2.7-image', prompt: 'An owl', n: 2, size: '1K', seed: 9 };
  const earlier = recordOf({ prompt: 'An owl', request, input_images: [inputImageOf()] });
  await using service = await startService({
    records: [earlier],
    submit: (_request, response) => sendJson(response, 202, queued()),
  });
  const { user, prompt, router, draftStore } = await open(service);
  await user.type(prompt, 'A fox');
  await router.navigate({ to: '/create', search: { from: earlier.id } });
  const dialog = await screen.findByRole('dialog', { name: 'Use these settings?' }, WAIT);
  const rows = within(dialog)
    .getAllByRole('row')
    .map(({ textContent }) => textContent);
  expect(rows).toContain('PromptA foxAn owl');
  expect(rows).toContain('Size2K1K');
  expect(prompt.value).toBe('A fox');
  await user.click(within(dialog).getByRole('button', { name: 'Use these settings' }));
  await waitFor(() => expect(prompt.value).toBe('An owl'), WAIT);
  await waitFor(() => expect(router.state.location.search).toEqual({}), WAIT);
  expect(screen.queryByText('The form has these settings already')).toBeNull();
  await user.click(await screen.findByRole('button', { name: 'Undo' }, WAIT));
  await waitFor(() => expect(prompt.value).toBe('A fox'), WAIT);
  expect(draftStore.get().inputs).toEqual([]);
});

test('settings that the form has already are not asked for', async () => {
  const image = imageOf();
  const input = inputImageOf({ from_image: image.id });
  const request = { model: 'wan2.7-image-pro', prompt: 'An owl', n: 1, size: '2K' };
  const earlier = recordOf({ prompt: 'An owl', model: 'wan2.7-image-pro', request, input_images: [input] });
  await using service = await startService({ records: [earlier] });
  const { user, prompt, router } = await open(service, `/create?image=${image.id}`);
  await screen.findByText('Image 1', {}, WAIT);
  await user.type(prompt, 'An owl');
  await router.navigate({ to: '/create', search: { from: earlier.id } });
  expect(await screen.findByText('The form has these settings already', {}, WAIT)).toBeTruthy();
  expect(screen.queryByRole('dialog', { name: 'Use these settings?' })).toBeNull();
});

test('a varied generation is a rerun with another seed, whose inputs the service has', async () => {
  const request = { model: 'wan2.7-image', prompt: 'An owl', n: 1, size: '1K', seed: 9 };
  const earlier = recordOf({ prompt: 'An owl', request, input_images: [inputImageOf()] });
  await using service = await startService({
    records: [earlier],
    submit: (_request, response) => sendJson(response, 202, queued()),
  });
  const { user, prompt } = await open(service, `/create?from=${earlier.id}&vary=1`);
  await waitFor(() => expect(prompt.value).toBe('An owl'), WAIT);
  await user.click(generate());
  await waitFor(() => expect(submissions(service)).toHaveLength(1), WAIT);
  const [sent] = submissions(service);
  expect(sent?.path).toBe(`/v1/generations/${earlier.id}/rerun`);
  const body = JSON.parse(sent?.body ?? '') as Record<string, unknown>;
  expect(body).toMatchObject({ prompt: 'An owl', size: '1K' });
  expect(body).not.toHaveProperty('image');
  expect(body['seed']).not.toBe(9);
});

test('an image of the library is sent by its permanent URL, a file as its bytes, in the order of the form', async () => {
  const earlier = recordOf();
  await using service = await startService({
    records: [earlier],
    submit: (_request, response) => sendJson(response, 202, queued()),
  });
  const { user, prompt, container } = await open(service, `/create?image=${earlier.id}-0`);
  await screen.findByText('Image 1', {}, WAIT);
  const bytes = await encodeImage({ format: 'jpeg', width: 400, height: 300 });
  const chooser = container.querySelector<HTMLInputElement>('input[type="file"]');
  if (chooser === null) throw new Error('There is no file chooser');
  await user.upload(chooser, new File([new Uint8Array(bytes)], 'cat.jpg', { type: 'image/jpeg' }));
  await screen.findByText('Image 2', {}, WAIT);
  await user.click(screen.getByRole('button', { name: 'Move image 2 forward' }));
  await user.type(prompt, 'Both');
  await user.click(generate());
  await waitFor(() => expect(submissions(service)).toHaveLength(1), WAIT);
  const { image, size } = JSON.parse(submissions(service)[0]?.body ?? '') as { image: string[]; size: string };
  expect(image).toEqual([`data:image/jpeg;base64,${bytes.toString('base64')}`, imageOf().url]);
  expect(size).toBe('2K');
});

test('a failed generation says why, what it cost, and may be sent again only where that is safe', async () => {
  const failed = (id: string, outcome: GenerationRecord['outcome'], code: string, status: number): GenerationRecord =>
    recordOf({
      id,
      prompt: code,
      state: 'failed',
      outcome,
      images: [],
      error: { type: 'upstream_error', code, message: `The upstream says ${code}.`, param: null },
      upstream: { ...recordOf().upstream, status },
    });
  const records = [
    failed('019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6073', 'not_billed', 'Throttling.RateQuota', 429),
    failed('019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6072', 'not_billed', 'DataInspectionFailed', 400),
    failed('019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071', 'unknown', 'connection_lost', 502),
  ];
  await using service = await startService({
    records,
    submit: (_request, response) => sendJson(response, 202, queued({ id: '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6074' })),
  });
  const { user } = await open(service);
  const card = async (name: string) => within(await screen.findByRole('article', { name }, WAIT));
  const busy = await card('Throttling.RateQuota');
  expect(busy.getByText('Nothing was billed.')).toBeTruthy();
  expect((await card('DataInspectionFailed')).queryByRole('button', { name: 'Try again' })).toBeNull();
  const unknown = await card('connection_lost');
  expect(unknown.getByText(/may have been billed: look at the invoice/)).toBeTruthy();
  expect(unknown.queryByRole('button', { name: 'Try again' })).toBeNull();
  await user.click(busy.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(submissions(service)).toHaveLength(1), WAIT);
  expect(submissions(service)[0]?.path).toBe('/v1/generations/019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6073/rerun');
});

test('one that was sent is canceled only after a warning; a queued one at once', async () => {
  const running = queued({
    id: '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6072',
    prompt: 'Running',
    state: 'running',
    sent_at: new Date().toISOString(),
  });
  const records = [running, queued({ prompt: 'Queued' })];
  await using service = await startService({
    records,
    submit(_request, response) {
      const canceled = queued({
        prompt: 'Queued',
        state: 'canceled',
        outcome: 'not_billed',
        finished_at: new Date().toISOString(),
      });
      records.splice(1, 1, canceled);
      sendJson(response, 200, canceled);
    },
  });
  const { user } = await open(service);
  const first = within(await screen.findByRole('article', { name: 'Running' }, WAIT));
  await user.click(first.getByRole('button', { name: 'Cancel' }));
  const dialog = await screen.findByRole('dialog', { name: 'Cancel this generation?' }, WAIT);
  await user.click(within(dialog).getByRole('button', { name: 'Let it run' }));
  expect(submissions(service)).toEqual([]);
  const second = within(screen.getByRole('article', { name: 'Queued', hidden: true }));
  await user.click(second.getByRole('button', { name: 'Cancel', hidden: true }));
  await second.findByText(/canceled before it was sent/, {}, WAIT);
});

test('a tab that nobody sees holds no connection for events, and goes on when it is seen again', async () => {
  const running = queued({ prompt: 'Running', state: 'running', sent_at: new Date().toISOString() });
  await using service = await startService({ records: [running] });
  const streams = (): number => service.requests.filter(({ path }) => path.endsWith('/events')).length;
  const lists = (): number => service.requests.filter(({ path }) => path.startsWith('/v1/generations?')).length;
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  try {
    await open(service);
    await screen.findByRole('article', { name: 'Running' }, WAIT);
    // By then a stream would have begun long ago.
    const before = lists();
    await waitFor(() => expect(lists()).toBeGreaterThan(before), WAIT);
    expect(streams()).toBe(0);
  } finally {
    hidden.mockRestore();
  }
  document.dispatchEvent(new Event('visibilitychange'));
  await waitFor(() => expect(streams()).toBeGreaterThan(0), WAIT);
});

test('a key that may not generate sees why there is no form', async () => {
  await using service = await startService({ info: { scopes: ['read'] } });
  const page = open(service).catch(() => undefined);
  await screen.findByText('This key may not generate images', {}, WAIT);
  expect(screen.queryByRole('button', { name: 'Generate' })).toBeNull();
  void page;
});
