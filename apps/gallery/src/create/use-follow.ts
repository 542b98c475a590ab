import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { followGeneration, type Changes } from '../generations/follow.ts';
import { withImage } from '../generations/state.ts';
import { changeRecord, putRecord } from './recent.ts';

/** Of this tab. Browsers open six connections to a host, for all tabs together: most must remain for images and requests. */
export const MAX_STREAMS = 2;

/** Shows each change of a generation as it happens, for as long as the component is mounted. */
export function useFollow(id: string, isFollowed: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isFollowed) return undefined;
    const controller = new AbortController();
    const changes = {
      onImage: (image) => changeRecord(queries, id, (record) => withImage(record, image)),
      onRecord: (record) => putRecord(queries, record),
    } satisfies Changes;
    void followGeneration(id, changes, controller.signal);
    return () => controller.abort();
  }, [queries, id, isFollowed]);
}
