import { Link } from '@tanstack/react-router';
import { Suspense, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useService } from '../api/service.ts';
import { SearchBox } from '../find/search-box.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import styles from './header.module.css';
import { useSettled } from '../page/settled.ts';
import { late } from '../ui/late.ts';

const MoreMenu = late(async () => (await import('./more-menu.tsx')).MoreMenu);

const LINKS = [
  ['/', 'library'],
  ['/create', 'create'],
  ['/activity', 'activity'],
  ['/statistics', 'statistics'],
] as const satisfies readonly (readonly [string, IconName])[];

export function Header(): ReactNode {
  const t = useTranslations('app');
  const { data: service } = useService();
  return (
    <header className={styles['header']}>
      <nav aria-label={t('navigation')} className={styles['nav']}>
        {LINKS.map(([to, name]) => (
          <Link key={to} to={to} className={styles['link']} activeOptions={{ exact: true, includeSearch: false }}>
            <Icon name={name} />
            <span>{t(name)}</span>
          </Link>
        ))}
      </nav>
      <div className={styles['search']}>
        <SearchBox />
      </div>
      {service?.simulated === true && (
        <span className={styles['simulated']} title={t('simulatedHint')}>
          {t('simulated')}
        </span>
      )}
      <LateMenu />
    </header>
  );
}

/** The menu, once the first view is there. A press before that opens it when it has arrived. */
function LateMenu(): ReactNode {
  const t = useTranslations('app');
  const isSettled = useSettled();
  const [isWanted, setWanted] = useState(false);
  const [isPressed, setPressed] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  // The menu waits for the end of a press: the release would count as one of its own, which closes it.
  const onPointerDown = ({ button }: PointerEvent<HTMLElement>): void => {
    if (button !== 0) return;
    setPressed(true);
    const end = new AbortController();
    const onRelease = ({ type, target }: Event): void => {
      end.abort();
      // Dragged away, or a touch that scrolls, it was no press.
      const isPress = type === 'pointerup' && target instanceof Node && place.current?.contains(target) === true;
      setTimeout(() => {
        if (isPress) setWanted(true);
        setPressed(false);
      });
    };
    for (const name of ['pointerup', 'pointercancel']) addEventListener(name, onRelease, { signal: end.signal });
  };
  const placeholder = (
    <IconButton label={t('more')} onPointerDown={onPointerDown} onClick={() => setWanted(true)}>
      <Icon name="menu" />
    </IconButton>
  );
  return (
    <span ref={place} className={styles['menu']}>
      <Suspense fallback={placeholder}>
        {isSettled && !isPressed ? <MoreMenu isOpen={isWanted} /> : placeholder}
      </Suspense>
    </span>
  );
}
