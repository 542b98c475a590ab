import { MAX_FILTER_IDS } from '@wan-image/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useNotifyProblem } from '../changes/changes.ts';
import { serviceQuery } from '../api/service.ts';
import { stringifySearchParams } from '../page/search-params.ts';
import { notify } from '../ui/notify.ts';

/** The service exports no more at once, and takes a URL of so many ids, which has 49 KB. */
const MAX_IDS = MAX_FILTER_IDS;

/** A URL of so many ids passes a proxy that takes the usual 8 KB. */
const MAX_IDS_OF_PROXIES = 150;

/** Downloads images as one archive, or as several where one is too large. The browser saves it while it arrives, so nothing of it is in memory. */
export function useDownload(): (ids: readonly string[]) => void {
  const t = useTranslations('library');
  const queries = useQueryClient();
  const onError = useNotifyProblem();
  const { mutate } = useMutation({
    onError,
    async mutationFn(ids: readonly string[]) {
      // Without a session, the browser would save the error as a file. Here it leads to the sign-in.
      await queries.fetchQuery({ ...serviceQuery, staleTime: 0 });
      const isShort = ids.length <= MAX_IDS_OF_PROXIES;
      const most = isShort || (await isAccepted(exportUrl(ids.slice(0, MAX_IDS)))) ? MAX_IDS : MAX_IDS_OF_PROXIES;
      const parts = Math.ceil(ids.length / most);
      if (parts > 1) notify({ title: t('downloadParts', { count: parts }) });
      for (let part = 0; part < parts; part += 1) {
        const url = exportUrl(ids.slice(part * most, (part + 1) * most));
        // A browser drops navigations that follow each other at once.
        setTimeout(() => follow(url), part * 1000);
      }
    },
  });
  return mutate;
}

function exportUrl(ids: readonly string[]): string {
  return `/v1/exports${stringifySearchParams({ format: 'zip', image_id: ids })}`;
}

/** Whether a URL of this length reaches the service. What refuses a longer one is a proxy between, or the cookies beside it. */
async function isAccepted(url: string): Promise<boolean> {
  try {
    return (await fetch(`/favicon.svg?${'x'.repeat(url.length)}`, { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    // Some proxies close the connection.
    return false;
  }
}

function follow(href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}
