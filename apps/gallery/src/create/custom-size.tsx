import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import styles from './size-picker.module.css';

export interface CustomSizeProps {
  /** `{width}x{height}`, either of which may still be missing. */
  readonly size: string;
  readonly onChange: (size: string) => void;
  readonly isInvalid: boolean;
}

/** Width and height in pixels. */
export function CustomSize({ size, onChange, isInvalid }: CustomSizeProps): ReactNode {
  const t = useTranslations('create');
  const [width = '', height = ''] = size.split('x');
  const side = (label: string, value: string, change: (digits: string) => void): ReactNode => (
    <label className={styles['side']}>
      {label}
      <input
        inputMode="numeric"
        autoComplete="off"
        value={value}
        aria-invalid={isInvalid}
        onChange={(event) => change(event.target.value.replaceAll(/\D/g, '').replace(/^0+/, '').slice(0, 5))}
      />
    </label>
  );
  return (
    <div className={styles['custom']}>
      {side(t('width'), width, (digits) => onChange(`${digits}x${height}`))}
      <span aria-hidden="true">×</span>
      {side(t('height'), height, (digits) => onChange(`${width}x${digits}`))}
    </div>
  );
}
