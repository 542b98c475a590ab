import { useTranslations } from 'use-intl';
import type { Messages } from '../i18n/en/index.ts';

type KnownParameter = keyof Messages['view']['parameter'];

const KNOWN: readonly KnownParameter[] = [
  'model',
  'prompt',
  'size',
  'seed',
  'n',
  'enable_sequential',
  'thinking_mode',
  'watermark',
  'image',
  'response_format',
];

/** The name of a parameter for people; that of the API if the page does not know it. */
export function useParameterName(): (name: string) => string {
  const t = useTranslations('view');
  return (name) => {
    const known = KNOWN.find((one) => one === name);
    return known === undefined ? name : t(`parameter.${known}`);
  };
}

/** The value of a parameter for people. Undefined: it was not sent. */
export function useParameterValue(): (name: string, value: unknown) => string {
  const t = useTranslations('view');
  return (name, value) => {
    if (value === undefined || value === null) return t('notSent');
    if (value === true) return t('yes');
    if (value === false) return t('no');
    if (typeof value !== 'string') return JSON.stringify(value);
    return name === 'size' ? value.replace(/^(\d+)x(\d+)$/, '$1 × $2') : value;
  };
}
