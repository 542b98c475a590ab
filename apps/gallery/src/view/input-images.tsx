import type { GenerationRecord, InputImageRecord } from '@wan-image/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { localUrl, thumbnailUrl } from '../api/thumbnail.ts';
import styles from './facts.module.css';

/** The images that the request had, under the numbers by which the prompt calls them. */
export function InputImages({ record }: { readonly record: GenerationRecord }): ReactNode {
  const t = useTranslations('view');
  if (record.input_images.length === 0) return null;
  return (
    <section>
      <h2>{t('inputs')}</h2>
      <ol className={styles['inputs']}>
        {record.input_images.map((input) => (
          <li key={input.index}>
            <InputImage input={input} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function InputImage({ input }: { readonly input: InputImageRecord }): ReactNode {
  const t = useTranslations('view');
  const number = input.index + 1;
  const url = keptUrl(input);
  const content = (
    <>
      {url === null ? (
        <span className={styles['absent']}>{t(input.state === 'pending' ? 'inputPending' : 'inputLost')}</span>
      ) : (
        <img src={thumbnailUrl(url, 320)} alt="" loading="lazy" />
      )}
      {t('input', { number })}
    </>
  );
  const name = t('inputOpen', { number });
  if (input.from_image !== null)
    return (
      <Link
        to="/view/$imageId"
        params={{ imageId: input.from_image }}
        search={{}}
        className={styles['input']}
        aria-label={name}
      >
        {content}
      </Link>
    );
  if (url === null) return <span className={styles['input']}>{content}</span>;
  return (
    <a href={localUrl(url)} target="_blank" rel="noreferrer" className={styles['input']} aria-label={name}>
      {content}
    </a>
  );
}

/** The copy of the service; null without one. An image elsewhere is not loaded: that would tell its host who looks at it. */
function keptUrl({ kind, url, archived_url, state }: InputImageRecord): string | null {
  if (kind === 'stored') return state === null || state === 'stored' ? url : null;
  return state === 'stored' ? archived_url : null;
}
