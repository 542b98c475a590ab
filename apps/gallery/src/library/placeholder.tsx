import { useMemo, type ReactNode } from 'react';
import { thumbHashToDataURL } from 'thumbhash';
import styles from './cell.module.css';

/**
 * A blurred preview, until the image has arrived. It is a background and no canvas: each canvas would be a layer of its own, which a browser that
 * scrolls quickly draws for longer than everything else.
 */
export function Placeholder({ thumbhash }: { readonly thumbhash: string | null }): ReactNode {
  const url = useMemo(() => (thumbhash === null ? null : urlOf(thumbhash)), [thumbhash]);
  if (url === null) return null;
  return <span aria-hidden="true" className={styles['placeholder']} style={{ backgroundImage: `url(${url})` }} />;
}

/** Null for what is no thumbhash: the place stays plain. */
function urlOf(thumbhash: string): string | null {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (char) => char.codePointAt(0) ?? 0));
  } catch {
    return null;
  }
}
