import { useEffect, useEffectEvent, useRef } from 'react';
import { singleKeysPreference } from './single-keys.ts';

/**
 * What a key does, by `event.key`, letters in lower case. With other modifiers than Shift as `Control+a`, in which `Control` is also the
 * command key of a Mac, and `Shift+ArrowUp`. One that returns false leaves the key to the browser.
 */
export type KeyHandlers = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

/** What goes on while the key is held: ways and zoom. Everything else happens once: it deletes, marks or costs money. */
const REPEATING: ReadonlySet<string> = new Set([
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'PageUp',
  'PageDown',
  '+',
  '=',
  '-',
]);

/** Listens to keys wherever the focus is, but not while somebody types, nor under a dialog or an open menu. */
export function useShortcuts(handlers: KeyHandlers): void {
  /** The key that was pressed last, if it had a handler that took it. */
  const held = useRef<string | null>(null);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || isMeantElsewhere(event) || isSwitchedOff(event)) return;
    const name = nameOf(event);
    if (!event.repeat || REPEATING.has(event.key)) {
      const handler = handlers[name];
      held.current = handler !== undefined && handler(event) !== false ? name : null;
    }
    // Also of a held key: the browser would scroll by Space, for example.
    if (held.current === name) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

/** The name under which {@link KeyHandlers} have the key. */
function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const isLetter = key.length === 1;
  const name = isLetter ? key.toLowerCase() : key;
  // A character such as ? already says that Shift was held.
  const shift = shiftKey && !isLetter ? 'Shift+' : '';
  return `${altKey ? 'Alt+' : ''}${ctrlKey || metaKey ? 'Control+' : ''}${shift}${name}`;
}

const TYPING =
  'input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"]), textarea, select, [contenteditable="true"]';
const OVERLAY = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';

/** Whether it is a character alone, and the user wants no such keys. */
function isSwitchedOff({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key.trim().length === 1 && !ctrlKey && !metaKey && !altKey && singleKeysPreference.get() === 'off';
}

function isMeantElsewhere({ target, key, isComposing }: KeyboardEvent): boolean {
  if (isComposing) return true;
  if (target instanceof Element && target.closest(`${TYPING}, ${OVERLAY}`) !== null) return true;
  // Nothing is typed into other inputs, but Space, arrows and such keys are their own.
  if (target instanceof HTMLInputElement && (key === ' ' || key.length > 1)) return true;
  return document.querySelector('[role="dialog"][data-open], [role="alertdialog"][data-open]') !== null;
}
