import { useSyncExternalStore } from 'react';
import type { ToastMessage } from './toasts.tsx';

const listeners = new Set<() => void>();
let plain: ToastMessage | null = null;

/** Shows a toast from code that the first view loads: what draws it arrives later, and is not part of that view. */
export function notify(message: ToastMessage): void {
  void show(message);
}

async function show(message: ToastMessage): Promise<void> {
  try {
    const { showToast } = await import('./toasts.tsx');
    showToast(message);
  } catch {
    // The service is away, or has another version of the page. That something failed is said all the same.
    setPlainMessage(message);
  }
}

/** The last message that no toast could show, because the file that draws toasts could not be loaded; null without one. */
export function usePlainMessage(): ToastMessage | null {
  return useSyncExternalStore(subscribe, () => plain);
}

export function setPlainMessage(message: ToastMessage | null): void {
  plain = message;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
