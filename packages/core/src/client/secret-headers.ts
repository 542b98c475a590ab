import type { ConnectionOptions } from './client-options.ts';

/** Names of headers whose values are credentials. */
const SECRET_NAME = /auth|key|token|secret|cookie|signature|password|credential|session/i;

/** The values of headers that are credentials, and their parts: the token after a scheme such as Bearer, the values of a cookie. */
export function secretValues(headers: ConnectionOptions['headers'] = {}): string[] {
  return Object.entries(headers)
    .filter(([name]) => SECRET_NAME.test(name))
    .flatMap(([, value]) => [value].concat(value.split(/[\s;=]+/)));
}
