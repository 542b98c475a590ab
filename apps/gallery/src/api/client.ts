import { createHistoryClient, type HistoryClient } from '@wan-image/core/portable';
import { host } from './host.ts';

/**
 * The whole client of the service. Only views that are loaded when they are visited import it: what the first view needs is `reader`, which
 * is a third of its size.
 */
export const client: HistoryClient = createHistoryClient(host);
