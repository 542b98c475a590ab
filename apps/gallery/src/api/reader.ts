import { createLibraryReader, type LibraryReader } from '@wan-image/core/portable';
import { host } from './host.ts';

/** What the first view reads: lists, records, the timeline, what the service is. Everything else is `client`. */
export const reader: LibraryReader = createLibraryReader(host);
