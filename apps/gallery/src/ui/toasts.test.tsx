import { render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { expect, test } from 'vitest';
import { app } from '../i18n/en/app.ts';
import { showToast, Toasts } from './toasts.tsx';

function show() {
  return render(
    <IntlProvider locale="en" messages={{ app }} timeZone="UTC">
      <Toasts />
    </IntlProvider>,
  );
}

test('what was to be shown before there was a place for it is shown when there is', async () => {
  const early = showToast({ title: 'Working' });
  early.replace({ title: 'Deleted', action: { label: 'Undo', onClick: () => undefined } });
  show();
  expect(await screen.findByText('Deleted')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Undo' })).toBeTruthy();
  expect(screen.queryByText('Working')).toBeNull();
  showToast({ title: 'Restored' });
  expect(await screen.findByText('Restored')).toBeTruthy();
});
