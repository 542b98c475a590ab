import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { useSignIn } from './session.ts';
import type { SignedOut } from '../api/signed-out.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './sign-in.module.css';

/** Asks for an API key, over whatever is on the page, which stays as it is. */
export function SignIn({ reason }: { readonly reason: SignedOut }): ReactNode {
  const t = useTranslations('session');
  const signIn = useSignIn();
  const textOf = useProblemText();
  const [key, setKey] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate(key.trim());
  };
  const problem = signIn.error && textOf(signIn.error);
  return (
    <Dialog isOpen title={t('title')} lead={t(reason === 'expired' ? 'expired' : 'lead')}>
      <form className={styles['form']} onSubmit={submit}>
        <label className={styles['field']}>
          {t('key')}
          <input
            type="password"
            autoComplete="current-password"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
            aria-invalid={problem !== null}
            aria-describedby={problem ? 'sign-in-problem' : undefined}
          />
        </label>
        {problem && (
          <p id="sign-in-problem" role="alert" className={styles['problem']}>
            <strong>{problem.title}</strong> {problem.detail}
          </p>
        )}
        <Button type="submit" look="primary" disabled={signIn.isPending || key.trim() === ''}>
          {t('signIn')}
        </Button>
      </form>
    </Dialog>
  );
}
