import { UserError } from 'n8n-workflow';
import type { Setting } from '../support/run.mts';
import type { NodeCase } from './case.mts';

/** A request whose transport fails, with what n8n attaches to its error. */
const failing = (request: object, message: string, code?: string): Pick<Setting, 'parameters' | 'request'> => ({
  parameters: { prompt: '花', options: { maximumRetries: 0 } },
  request: () =>
    Promise.reject(
      Object.assign(new Error(message, { cause: Object.assign(new Error(message), { code }) }), { request }),
    ),
});

const TLS = 'write EPROTO 40:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:x.c:77:';

const MAYBE_BILLED: readonly (readonly [string, object])[] = [
  ['on a connection that was used before', { reusedSocket: true, socket: { secureConnecting: true } }],
  ['on a complete connection', { reusedSocket: false, socket: { secureConnecting: false } }],
  ['of an unknown client', {}],
];

const ONE_REQUEST = [{ body: { prompt: '花' } }];

export const ERROR_CASES: readonly NodeCase[] = [
  {
    name: 'HTTPS to a port without it is not billed, and the remedy is http',
    ...failing({ reusedSocket: false, socket: { secureConnecting: true } }, TLS, 'EPROTO'),
    error: { message: /Nothing was sent/, description: /^Nothing was billed\..*http:\/\// },
    sent: ONE_REQUEST,
  },
  {
    name: 'a proxy that ends the tunnel is named, and nothing was billed',
    ...failing({ reusedSocket: false }, 'Proxy connection ended before receiving CONNECT response'),
    error: { message: /Nothing was sent/, description: /^Nothing was billed\..*HTTPS_PROXY/ },
    sent: ONE_REQUEST,
  },
  ...MAYBE_BILLED.map(([what, request]) =>
    Object.assign(failing(request, TLS, 'EPROTO'), {
      name: `an error ${what} may have been billed`,
      error: { message: /It may have been billed/ },
      sent: ONE_REQUEST,
    }),
  ),
  {
    name: 'a request that n8n itself refuses to send is not billed and not retried',
    parameters: { prompt: '花' },
    request: () =>
      Promise.reject(
        new Error('wrapped', {
          cause: new UserError('The request was blocked because it resolves to a restricted IP address'),
        }),
      ),
    error: { message: /^(?!.*may have been billed).*n8n did not send it: The request was blocked/ },
    sent: ONE_REQUEST,
  },
  {
    name: 'of a web page in place of the API, the base URL is at fault, not the request',
    parameters: { prompt: '花' },
    response: () => ({ status: 404, body: '<html>Not Found</html>' }),
    error: {
      message: /^(?!.*Change the request).*The base URL is not that of an image API/,
      description: /^Nothing was billed/,
    },
    sent: ONE_REQUEST,
  },
  {
    name: 'of a path that a service does not have, the Base URL is at fault, not the request',
    parameters: { prompt: '花' },
    response: () => ({ status: 404, body: '{"error":{"message":"Not Found"}}' }),
    error: { message: /^(?!.*Change the request)Not Found\. The base URL is not that of an image API/ },
    sent: ONE_REQUEST,
  },
];
