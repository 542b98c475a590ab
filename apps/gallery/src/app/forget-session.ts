import { handedFiles } from '../api/handed-files.ts';
import { forgetDraft } from '../create/forget.ts';
import { forgetPaid } from '../generations/paid.ts';
import { selection } from '../library/selection.ts';
import { forgetLists } from '../library/stores.ts';

/** What this page keeps in the storage of the tab is named so: drafts, notes that are not saved, what is followed, where lists were. */
const PREFIX = 'wan-image.';

/**
 * Forgets what the session that was ended has kept in this tab: whoever signs in next is perhaps somebody else. Language and theme are choices
 * of the browser, and stay. A session that expires ends nothing: whoever signs in again goes on where they were.
 */
export function forgetSession(): void {
  selection.clear();
  forgetLists();
  handedFiles.hand([]);
  forgetPaid();
  void forgetReruns();
  void forgetDraft();
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Without storage, nothing was kept there.
  }
}

/** Its file comes with the views that rerun, and with the toasts. Where it cannot be loaded, nothing was rerun. */
async function forgetReruns(): Promise<void> {
  try {
    (await import('../generations/use-rerun.ts')).forgetReruns();
  } catch {
    // Nothing was waited for.
  }
}
