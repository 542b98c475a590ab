/** The headers of Standard Webhooks 1.0, and the bytes of the body as they came: parsed and printed again, they have another signature. */
export interface SignedRequest {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

/** How far the time of a request may be from the clock of n8n, in seconds: a request that somebody recorded is of no use later. */
const TOLERANCE_SECONDS = 5 * 60;

const PREFIX = 'whsec_';
const SCHEME = 'v1,';

/** More are never sent: two while a secret is rotated. */
const MAX_SIGNATURES = 8;

/**
 * Whether a request was signed with this secret within the last five minutes, as Standard Webhooks 1.0 says. The comparison is that of
 * Web Crypto, which takes the same time wherever the signatures differ.
 */
export async function isSigned(request: SignedRequest, secret: string, nowMs: number): Promise<boolean> {
  const { id, timestamp, signature, body } = request;
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = await keyOf(secret);
  if (key === null) return false;
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const signatures = signature
    .split(' ', MAX_SIGNATURES)
    .filter((text) => text.startsWith(SCHEME))
    .map((text) => Buffer.from(text.slice(SCHEME.length), 'base64'));
  const verified = await Promise.all(signatures.map((one) => crypto.subtle.verify('HMAC', key, one, content)));
  return verified.includes(true);
}

async function keyOf(secret: string): Promise<CryptoKey | null> {
  const bytes = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : null;
  // An empty key would accept what anybody can sign.
  if (bytes === null || bytes.length === 0) return null;
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}
