import { Suspense, useState, type ReactNode } from 'react';
import { useShortcuts } from '../page/shortcuts.ts';
import { late } from '../ui/late.ts';

const ShortcutDialog = late(async () => (await import('./shortcut-dialog.tsx')).ShortcutDialog);

/** Opens the help of all keys by `?`, in every view. */
export function ShortcutHelp(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  useShortcuts({ '?': () => setOpen(true) });
  return <Suspense>{isOpen && <ShortcutDialog onClose={() => setOpen(false)} />}</Suspense>;
}
