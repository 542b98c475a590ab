import { ApiError } from './api-error.ts';

/** The answer to whoever comes when the service is on its way down. */
export const CLOSING = new ApiError('The service is closing. Nothing was sent: try again in a moment.', {
  status: 503,
  type: 'server_error',
  code: 'closing',
  headers: { 'retry-after': '5', connection: 'close' },
});
