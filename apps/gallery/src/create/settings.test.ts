import { expect, test } from 'vitest';
import {
  fingerprintOf,
  unsettledAttempt,
  movedInput,
  newDraft,
  withAttempt,
  type Draft,
  type UrlInput,
} from './draft.ts';
import { createDraftStore } from './draft-store.ts';
import { differencesOf, newSettings, parametersOf, settingsOf, type Settings } from './settings.ts';

const settings: Settings = { ...newSettings(), prompt: 'A flower shop', seed: 7 };
const draft: Draft = { ...newDraft(), settings };

function urlInput(key: string): UrlInput {
  return {
    key,
    kind: 'url',
    url: `https://images.example/${key}`,
    imageId: null,
    isOwn: false,
    width: null,
    height: null,
  };
}

test('a request has the seed always, and reasoning only where it has an effect', () => {
  expect(parametersOf(settings, false)).toEqual({
    model: 'wan2.7-image-pro',
    prompt: 'A flower shop',
    n: 1,
    size: '2K',
    enable_sequential: false,
    thinking_mode: true,
    watermark: false,
    seed: 7,
  });
  expect(parametersOf(settings, true)).not.toHaveProperty('thinking_mode');
  expect(parametersOf({ ...settings, isSet: true, setSize: 9 }, false)).toMatchObject({
    n: 9,
    enable_sequential: true,
  });
});

test('4K is sent as 2K while an input image forbids it, and stays chosen', () => {
  const chosen = { ...settings, size: '4K' };
  expect([parametersOf(chosen, true).size, parametersOf(chosen, false).size]).toEqual(['2K', '4K']);
});

test('the settings of a record make the same request', () => {
  const request = parametersOf({ ...settings, isSet: true, setSize: 5, size: '1280x720', hasWatermark: true }, false);
  const again = settingsOf({ model: request.model, prompt: request.prompt, request: { ...request } });
  expect(parametersOf(again, false)).toEqual(request);
  expect(again.isSeedLocked).toBe(true);
  expect(settingsOf({ model: request.model, prompt: 'x', request: {} })).toMatchObject({
    isSeedLocked: false,
    size: '2K',
  });
});

test('only what differs is shown, and no seed that nobody chose', () => {
  const other = { ...settings, size: '1K', seed: 8, isSeedLocked: true };
  expect(differencesOf(settings, other)).toEqual([
    { name: 'size', before: '2K', after: '1K' },
    { name: 'seed', before: 7, after: 8 },
  ]);
  expect(differencesOf(settings, { ...other, isSeedLocked: false })).toHaveLength(1);
});

test('a request whose response is unknown has the same key and the same seed again', () => {
  const keys = ['first', 'second'];
  const newKey = (): string => keys.shift() ?? 'none';
  const sent = withAttempt(draft, newKey);
  expect(unsettledAttempt(sent)).toEqual(sent.attempt);
  // It is still there, so no response to it was read: it may be done, whatever is said of the next sending.
  expect(withAttempt(sent, newKey)).toEqual({ ...sent, attempt: { ...sent.attempt, mayBeDone: true } });
  const changed = { ...sent, settings: { ...sent.settings, prompt: 'Another shop' } };
  expect(unsettledAttempt(changed)).toBeNull();
  expect(withAttempt(changed, newKey).attempt.key).toBe('second');
});

test('a seed is sent once, unless it is locked', () => {
  const sent = { ...draft, sentSeed: 7 };
  expect(withAttempt(draft, () => 'key').settings.seed).toBe(7);
  expect(withAttempt(sent, () => 'key').settings.seed).not.toBe(7);
  expect(withAttempt({ ...sent, settings: { ...settings, isSeedLocked: true } }, () => 'key').settings.seed).toBe(7);
});

test('other inputs, in another order, are another request', () => {
  const inputs = [urlInput('a'), urlInput('b')];
  const moved = movedInput(inputs, 'b', 0);
  expect(moved.map(({ key }) => key)).toEqual(['b', 'a']);
  expect(movedInput(inputs, 'a', 9).map(({ key }) => key)).toEqual(['b', 'a']);
  expect(fingerprintOf({ ...draft, inputs })).not.toBe(fingerprintOf({ ...draft, inputs: moved }));
});

test('a draft survives a reload, and what is no draft is an empty form', () => {
  const values = new Map<string, string>();
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
  createDraftStore(() => storage).updateSettings({ prompt: 'Kept' });
  expect(createDraftStore(() => storage).get().settings.prompt).toBe('Kept');
  values.set('wan-image.draft', '{broken');
  expect(createDraftStore(() => storage).get().settings.prompt).toBe('');
});

test('without storage, the form works', () => {
  const store = createDraftStore(() => {
    throw new Error('Forbidden');
  });
  store.updateSettings({ prompt: 'Typed' });
  expect(store.get().settings.prompt).toBe('Typed');
});
