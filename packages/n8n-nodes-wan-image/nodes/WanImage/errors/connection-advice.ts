const SELF_SIGNED =
  'n8n does not trust the certificate: give n8n the certificate of its authority in NODE_EXTRA_CA_CERTS, and restart it.';

/** What to do about a connection that was never made, by the reason in its message. The first match decides. */
const ADVICE: readonly (readonly [reason: RegExp, advice: string])[] = [
  [
    /wrong version number|packet length too long|EPROTO|ERR_SSL/,
    'The port has no HTTPS: enter the Base URL with http://, or another port.',
  ],
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)|self.signed/i, SELF_SIGNED],
  [/CERT_HAS_EXPIRED/, 'The certificate of the service has expired: renew it.'],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, 'The certificate is for another host name: enter that name in the Base URL.'],
  [/^The proxy|Proxy connection/, 'Check the proxy settings of n8n (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).'],
  [
    /ECONNREFUSED/,
    'Nothing listens there. In a container, localhost is the container itself: enter the name of the host.',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'The host name is unknown: check its spelling and the DNS of n8n.'],
];

/** Null where the reason is none of the known ones. */
export function connectionAdvice(message: string): string | null {
  return ADVICE.find(([reason]) => reason.test(message))?.[1] ?? null;
}
