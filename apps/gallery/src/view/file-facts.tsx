import type { ImageRecord } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { Fact } from './fact.tsx';
import styles from './facts.module.css';

/** The file of a stored image. */
export function FileFacts({ image }: { readonly image: ImageRecord }): ReactNode {
  const t = useTranslations('view');
  const format = useFormatter();
  const { width, height, mime_type, bytes, sha256 } = image;
  return (
    <section>
      <h2>{t('file')}</h2>
      <dl className={styles['list']}>
        {width !== null && height !== null && (
          <Fact name={t('parameter.size')}>{t('pixels', { width: String(width), height: String(height) })}</Fact>
        )}
        {mime_type !== null && <Fact name={t('type')}>{mime_type}</Fact>}
        {bytes !== null && (
          <Fact name={t('bytes')}>
            {format.number(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 2 })}
          </Fact>
        )}
        {sha256 !== null && (
          <Fact name={t('sha256')} copied={sha256}>
            <span className={styles['code']} title={sha256}>
              {sha256.slice(0, 12)}…
            </span>
          </Fact>
        )}
      </dl>
    </section>
  );
}
