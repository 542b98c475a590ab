import { Outlet } from '@tanstack/react-router';
import { Suspense, useRef, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { useSignedOut } from '../api/signed-out.ts';
import { Loading, ProblemMessage } from '../ui/message.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { Header } from './header.tsx';
import { PlainMessage } from './plain-message.tsx';
import { useSettled } from '../page/settled.ts';
import styles from './shell.module.css';
import { ShortcutHelp } from './shortcut-help.tsx';
import { useMainScroll } from './use-main-scroll.ts';
import { usePageTitle } from './use-page-title.ts';
import { late } from '../ui/late.ts';

// Loaded after the first view, or when they are needed: nothing of them is in the way of the first image.
const SignIn = late(async () => (await import('./sign-in.tsx')).SignIn);
const Toasts = late(
  async () => (await import('../ui/toasts.tsx')).Toasts,
  () => null,
);

/** The frame of every view. A view is shown once the service has said who the user is, and stays mounted when a session ends. */
export function Shell(): ReactNode {
  const t = useTranslations('app');
  const signedOut = useSignedOut();
  const service = useService();
  const isSettled = useSettled();
  const main = useRef<HTMLElement>(null);
  useMainScroll(main);
  usePageTitle();
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        {t('skip')}
      </a>
      <Header />
      <ConnectionNotice />
      <main ref={main} id="content" tabIndex={-1} className={styles['main']}>
        {service.data !== undefined && signedOut !== 'required' ? (
          <Outlet />
        ) : (
          signedOut === null && <Waiting error={service.error} onRetry={() => void service.refetch()} />
        )}
      </main>
      <Suspense>{signedOut !== null && <SignIn reason={signedOut} />}</Suspense>
      <Suspense>{isSettled && <Toasts />}</Suspense>
      <PlainMessage />
      <ShortcutHelp />
    </div>
  );
}

function Waiting({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  return error ? <ProblemMessage error={error} onRetry={onRetry} /> : <Loading />;
}
