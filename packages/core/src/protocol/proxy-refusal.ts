import type { Headers } from './response-head.ts';

/** Errors of RFC 9209 with which a proxy says that it did not forward the request. */
const NOT_FORWARDED = new Set([
  'dns_timeout',
  'dns_error',
  'destination_not_found',
  'destination_unavailable',
  'destination_ip_prohibited',
  'destination_ip_unroutable',
  'connection_refused',
  'connection_timeout',
  'connection_limit_reached',
  'tls_protocol_error',
  'tls_certificate_error',
  'tls_alert_received',
  'proxy_configuration_error',
  'http_request_denied',
]);

/** The same in the words of Squid (`x-squid-error: ERR_CONNECT_FAIL 111`). */
const SQUID_NOT_FORWARDED =
  /^ERR_(CONNECT_FAIL|SECURE_CONNECT_FAIL|DNS_FAIL|CANNOT_FORWARD|ACCESS_DENIED|CACHE_ACCESS_DENIED)\b/;

export interface ProxyRefusal {
  /** A sentence without its full stop. */
  readonly message: string;
  readonly retryable: boolean;
}

/**
 * A response of a proxy that did not forward the request, so that nothing can have been billed; else null. Any other 5xx of a proxy looks
 * like one of the server, which may have done the work.
 */
export function proxyRefusal(status: number, headers: Headers): ProxyRefusal | null {
  const squid = headers['x-squid-error'] ?? '';
  const [, error = ''] = /;\s*error="?([a-z_]+)/.exec(headers['proxy-status'] ?? '') ?? [];
  const isRefused = status >= 400 && (SQUID_NOT_FORWARDED.test(squid) || NOT_FORWARDED.has(error));
  if (status !== 407 && !isRefused) return null;
  const why = status === 407 ? 'it requires a user and password' : 'it did not forward the request';
  const reason = error || (squid.split(' ')[0] ?? '');
  return {
    message: `The proxy${nameOf(headers)} responded with ${status}: ${why}${reason === '' ? '' : ` (${reason})`}`,
    retryable: status !== 407,
  };
}

/** As the proxy calls itself. */
function nameOf(headers: Headers): string {
  const [, status] = /^\s*"?([\w.:-]+)/.exec(headers['proxy-status'] ?? '') ?? [];
  const [, via] = /^\S+\s+([\w.:-]+)/.exec(headers['via'] ?? '') ?? [];
  const [, realm] = /realm="([^"]{1,80})"/.exec(headers['proxy-authenticate'] ?? '') ?? [];
  const name = status ?? via ?? realm;
  return name === undefined ? '' : ` "${name}"`;
}
