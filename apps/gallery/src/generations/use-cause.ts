import type { GenerationRecord } from '@wan-image/core';
import { useTranslations } from 'use-intl';
import { causeOf } from './cause.ts';

/** Why a generation failed, and what to do, as the activity says it. */
export function useCause(): (record: GenerationRecord) => { readonly title: string; readonly hint: string } {
  const t = useTranslations('activity.causes');
  return (record) => {
    const cause = causeOf(record);
    return { title: t(cause), hint: t(`${cause}Hint`) };
  };
}
