import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { exampleCurl } from '../src/settings/example.ts';
import { openPage, startHistory, WAIT } from './support/open-page.tsx';

const section = async (name: string) => within(await screen.findByRole('region', { name }, WAIT));

const KEEPS_ALL = {
  object: 'retention',
  images: { max_age_days: null, max_bytes: null },
  inputs: { max_age_days: null },
  records: { max_age_days: null, max_count: null },
  bin_days: null,
  keep_favorites: true,
  keep_tags: [],
  updated_at: null,
  last_run: null,
};

test('a model without a price has no price set, which is not 0', async () => {
  await using service = await startHistory({ 'GET /v1/retention': KEEPS_ALL }, { prices: { 'wan2.7-image': '0.20' } });
  await openPage(service, '/settings');
  const found = await section('Service');
  expect(found.getByText(/^wan2\.7-image-pro:/).textContent).toBe('wan2.7-image-pro: No price set');
  expect(found.getByText(/^wan2\.7-image:/).textContent).toBe('wan2.7-image: 0.20 CNY an image');
  expect(found.getByText(/Set PRICES/)).toBeTruthy();
});

test('the page says what the key of this browser may do', async () => {
  await using service = await startHistory({}, { key_required: true, scopes: ['read'] });
  await openPage(service, '/settings');
  const rows = (await section('Access')).getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(rows.map((text) => text?.split(':')[0])).toEqual(['Not allowed', 'Allowed', 'Not allowed']);
  expect(screen.queryByRole('region', { name: 'Retention' })).toBeNull();
  expect((await section('Use it from elsewhere')).getByText(/^curl .*Bearer YOUR_API_KEY/)).toBeTruthy();
});

test('the retention policy is said in words', async () => {
  const policy = {
    ...KEEPS_ALL,
    images: { max_age_days: 30, max_bytes: 5e9 },
    bin_days: 1,
    keep_tags: ['cover', '年册'],
  };
  await using service = await startHistory({ 'GET /v1/retention': policy });
  await openPage(service, '/settings');
  const found = await section('Retention');
  expect((await found.findAllByRole('listitem', {}, WAIT)).map(({ textContent }) => textContent)).toEqual([
    'Images are deleted after 30 days.',
    'Images are deleted, the oldest first, beyond 5 GB in all.',
    'The bin is emptied after 1 day.',
    'Favorites stay.',
    'What is tagged “cover” and “年册” stays.',
  ]);
});

test('language and theme are chosen here, and the page follows', async () => {
  await using service = await startHistory({ 'GET /v1/retention': KEEPS_ALL });
  const { user } = await openPage(service, '/settings');
  await user.click((await section('Appearance and keys')).getByRole('radio', { name: 'Dark' }));
  expect(localStorage.getItem('wan-image.theme')).toBe('dark');
  await user.click((await section('Appearance and keys')).getByRole('radio', { name: '中文' }));
  expect(await screen.findByRole('heading', { name: '设置' }, WAIT)).toBeTruthy();
});

test('the command is one that a shell takes, whatever the prompt', () => {
  const command = exampleCurl({ baseUrl: 'http://history:3000', prompt: `it's "red"`, key: null });
  expect(command).toBe(
    String.raw`curl http://history:3000/v1/images/generations --header 'Content-Type: application/json' --data '{"model":"wan2.7-image-pro","prompt":"it'\''s \"red\"","size":"2K"}'`,
  );
});
