import type { Messages } from '../i18n/en/index.ts';

type ShortcutText = Exclude<keyof Messages['shortcuts'], 'title' | 'switchOff' | 'groups'>;

/** Keys that do the same, as they are printed on a keyboard, and what they do. */
export type Shortcut = readonly [keys: readonly string[], text: ShortcutText];

/** All keys of the page, as its help shows them. A view that listens to another key adds it here. */
export const SHORTCUTS = {
  everywhere: [
    [['/'], 'search'],
    [['?'], 'help'],
  ],
  library: [
    [['←', '→', '↑', '↓'], 'move'],
    [['Home', 'End'], 'ends'],
    [['PageUp', 'PageDown'], 'page'],
    [['Enter'], 'open'],
    [['Space'], 'look'],
    [['S'], 'stack'],
    [['F'], 'favorite'],
    [['X'], 'select'],
    [['Shift + ←', 'Shift + →', 'Shift + ↑', 'Shift + ↓'], 'extend'],
    [['Ctrl + A', '⌘ A'], 'selectAll'],
    [['Delete', 'Backspace'], 'remove'],
    [['Esc'], 'clear'],
  ],
  view: [
    [['←', '→'], 'neighbors'],
    [['Esc'], 'close'],
    [['+', '-'], 'zoom'],
    [['0'], 'fit'],
    [['1'], 'pixels'],
    [['F'], 'favorite'],
    [['I'], 'facts'],
    [['R'], 'rerun'],
    [['V'], 'vary'],
    [['E'], 'edit'],
    [['U'], 'use'],
    [['C'], 'compare'],
    [['L'], 'lineage'],
    [['Delete', 'Backspace'], 'remove'],
  ],
} as const satisfies Readonly<Record<keyof Messages['shortcuts']['groups'], readonly Shortcut[]>>;
