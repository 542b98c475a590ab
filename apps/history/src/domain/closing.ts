import { ApiError } from './api-error.ts';

/** The response to requests that come while the service shuts down. */
export const SHUTTING_DOWN = new ApiError('The service is shutting down. Nothing was sent: try again in a moment.', {
  status: 503,
  type: 'server_error',
  code: 'closing',
  headers: { 'retry-after': '5', connection: 'close' },
});
