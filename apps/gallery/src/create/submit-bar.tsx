import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { useService } from '../api/service.ts';
import { Button } from '../ui/button.tsx';
import { showToast } from '../ui/toasts.tsx';
import { isRepeatable } from '../generations/paid.ts';
import { useAmountText } from '../generations/use-price-text.ts';
import { isUntouched, newDraft, unsettledAttempt, type Draft } from './draft.ts';
import { draftStore } from './draft-store.ts';
import styles from './form.module.css';
import { priceOf } from '../generations/price.ts';
import { imagesOf, type Settings } from './settings.ts';

export interface SubmitBarProps {
  readonly draft: Draft;
  readonly isPending: boolean;
  /** Why the last request failed, unless a field says so. */
  readonly error: unknown;
  /** Whether a field is marked, so that nothing was sent. */
  readonly hasProblems: boolean;
}

/** What it will cost, and the button. */
export function SubmitBar({ draft, isPending, error, hasProblems }: SubmitBarProps): ReactNode {
  const t = useTranslations('create');
  return (
    <div className={styles['bar']}>
      <div role="alert" className={styles['messages']}>
        {error ? <SubmitProblem error={error} /> : hasProblems && <p>{t('problem')}</p>}
      </div>
      {!isPending && <Unsettled draft={draft} />}
      <div className={styles['send']}>
        <PriceText settings={draft.settings} />
        <ClearButton draft={draft} isPending={isPending} />
        <Button type="submit" look="primary" isBusy={isPending} title={t('generateKeys')}>
          {isPending ? t('generating') : t('generate')}
        </Button>
      </div>
    </div>
  );
}

/** Whether the last request may have been carried out, and what Generate does about it. */
function Unsettled({ draft }: { readonly draft: Draft }): ReactNode {
  const t = useTranslations('create');
  const attempt = unsettledAttempt(draft);
  if (attempt === null) return null;
  return <p className={styles['unsettled']}>{t(isRepeatable(attempt) ? 'unsettled' : 'unsettledOld')}</p>;
}

function SubmitProblem({ error }: { readonly error: unknown }): ReactNode {
  const { title, detail } = useProblemText()(error);
  return (
    <p>
      <strong>{title}</strong> {detail}
    </p>
  );
}

function PriceText({ settings }: { readonly settings: Settings }): ReactNode {
  const t = useTranslations('create');
  const amountText = useAmountText();
  const { data: service } = useService();
  const price = service && priceOf(service, settings.model, imagesOf(settings));
  if (price === undefined) return <span className={styles['price']} />;
  if (price.kind === 'simulated') return <span className={styles['price']}>{t('priceSimulated')}</span>;
  if (price.kind === 'unset')
    return (
      <span className={styles['price']} title={t('priceUnsetHint')}>
        {t('priceUnset')}
      </span>
    );
  const amount = amountText(price);
  return <output className={styles['price']}>{settings.isSet ? t('priceUpTo', { amount }) : amount}</output>;
}

function ClearButton({ draft, isPending }: { readonly draft: Draft; readonly isPending: boolean }): ReactNode {
  const t = useTranslations('create');
  const app = useTranslations('app');
  const clear = (): void => {
    draftStore.set(newDraft());
    showToast({ title: t('cleared'), action: { label: app('undo'), onClick: () => draftStore.set(draft) } });
  };
  return (
    <Button look="plain" disabled={isPending || isUntouched(draft)} onClick={clear}>
      {t('clear')}
    </Button>
  );
}
