import { ApiError } from './api-error.ts';

/** The response to requests that arrive during shutdown. */
export const SHUTTING_DOWN = new ApiError('The service is shutting down. Nothing was sent: try again in a moment.', {
  status: 503,
  type: 'server_error',
  code: 'closing',
  headers: { 'retry-after': '5', connection: 'close' },
});
