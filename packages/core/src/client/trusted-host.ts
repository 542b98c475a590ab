/** All names of this machine are one host. */
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)\.?$/i;

/** `name`, or `name:port`; an IPv6 address in brackets. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?$/i;

/**
 * Whether images are downloaded from the host of `url` even if its address is private. The host of `baseUrl` is trusted, because every
 * call is sent there anyway; so are `trustedHosts`. If `baseUrl` is this machine under one name, such as `localhost`, its other names
 * with the same port are trusted too: a service often writes `127.0.0.1` in its URLs.
 */
export function isTrustedHost(url: URL, baseUrl: string, trustedHosts: readonly string[] = []): boolean {
  const base = new URL(baseUrl);
  if (url.host === base.host) return true;
  if (isLoopback(url) && isLoopback(base) && portOf(url) === portOf(base)) return true;
  return trustedHosts.some((trusted) => {
    const [, name = '', port] = HOST.exec(trusted) ?? [];
    return url.hostname.toLowerCase() === name.toLowerCase() && (port === undefined || portOf(url) === port);
  });
}

export function isHostName(text: unknown): text is string {
  return typeof text === 'string' && HOST.test(text);
}

function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

/** `URL` leaves out the default port of the protocol. */
function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}
