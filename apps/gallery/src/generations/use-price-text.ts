import type { GenerationRecord } from '@wan-image/core';
import { useFormatter, useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { priceOf, type Price } from './price.ts';

/** An amount of money as the user's language writes it. */
export function useAmountText(): (price: Extract<Price, { readonly kind: 'amount' }>) => string {
  const format = useFormatter();
  return ({ amount, currency }) => format.number(amount, { style: 'currency', currency, maximumFractionDigits: 6 });
}

/** What the request of a generation costs if it is sent again, as a sentence; empty while that is not known. */
export function usePriceText(): (record: Pick<GenerationRecord, 'model' | 'request'>) => string {
  const t = useTranslations('generations');
  const amountText = useAmountText();
  const { data: service } = useService();
  return ({ model, request }) => {
    if (service === undefined) return '';
    const price = priceOf(service, model, typeof request['n'] === 'number' ? request['n'] : 1);
    if (price.kind === 'simulated') return t('priceSimulated');
    if (price.kind === 'unset') return t('priceUnset');
    return t(request['enable_sequential'] === true ? 'priceUpTo' : 'price', { price: amountText(price) });
  };
}
