import { Toast as Base } from '@base-ui/react/toast';
import { useEffect, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '../api/problem.ts';
import { Button, IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import styles from './toasts.module.css';

/** Long enough to read a sentence and reach for "Undo". */
const SHOWN_MS = 8000;

const manager = Base.createToastManager();

/** What is said before the place for it is there, which is loaded after the first view. Null: it is there. */
let waiting: (() => void)[] | null = [];
let count = 0;

export interface ToastMessage {
  readonly title: string;
  readonly detail?: string | null | undefined;
  /** A button, such as "Undo". */
  readonly action?: { readonly label: string; readonly onClick: () => void } | undefined;
  readonly isProblem?: boolean | undefined;
  /** It is about something that goes on, and stays until it is replaced. */
  readonly isLasting?: boolean | undefined;
}

/** A toast that is shown. */
export interface ShownToast {
  /** Shows another message in its place; again, if the user has closed it. */
  readonly replace: (message: ToastMessage) => void;
  readonly close: () => void;
}

/** Shows a short message that goes away by itself. A problem stays until it is closed. */
export function showToast(message: ToastMessage): ShownToast {
  let id = add(message);
  return {
    replace(next) {
      close(id);
      id = add(next);
    },
    close: () => close(id),
  };
}

/** Closes all of them. */
export function closeToasts(): void {
  if (waiting === null) manager.close();
  else waiting = [];
}

function close(id: string): void {
  whenShown(() => manager.close(id));
}

function whenShown(action: () => void): void {
  if (waiting === null) action();
  else waiting.push(action);
}

function add({ title, detail, action, isProblem = false, isLasting = false }: ToastMessage): string {
  count += 1;
  const id = `toast-${count}`;
  const toast = {
    id,
    title,
    type: isProblem ? 'problem' : 'message',
    priority: isProblem ? ('high' as const) : ('low' as const),
    timeout: isProblem || isLasting ? 0 : SHOWN_MS,
    ...(detail && { description: detail }),
    ...(action && {
      actionProps: {
        children: action.label,
        onClick() {
          manager.close(id);
          action.onClick();
        },
      },
    }),
  };
  whenShown(() => manager.add(toast));
  return id;
}

/** Shows a failure of something that the user did. */
export function useShowProblem(): (error: unknown) => void {
  const textOf = useProblemText();
  return (error) => showToast({ ...textOf(error), isProblem: true });
}

/** Where the messages appear. Screen readers announce each. */
export function Toasts(): ReactNode {
  useEffect(() => {
    const said = waiting ?? [];
    waiting = null;
    for (const action of said) action();
    return () => {
      waiting = [];
    };
  }, []);
  return (
    <Base.Provider toastManager={manager}>
      <Base.Portal>
        <Base.Viewport className={styles['viewport']}>
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List(): ReactNode {
  const t = useTranslations('app');
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root key={toast.id} toast={toast} className={styles['toast']} swipeDirection={['right', 'down']}>
      <Base.Content className={styles['content']}>
        <div className={styles['text']}>
          <Base.Title className={styles['title']} />
          <Base.Description className={styles['detail']} />
        </div>
        <Base.Action render={<Button />} />
        <Base.Close render={<IconButton label={t('close')} />}>
          <Icon name="close" />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}
