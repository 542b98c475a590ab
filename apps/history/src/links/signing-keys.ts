import { randomBytes } from 'node:crypto';
import type { SigningKey } from '../config/signing-keys.ts';
import type { SigningKeysRepository } from './signing-keys.repository.ts';

/** Id of the key that the service generates itself. */
const OWN_KEY_ID = 'own';

/**
 * The keys of image URLs, the signing one first. If SIGNING_KEYS is not set, the service generates one key and stores it in the database.
 * That key still verifies if keys are set later: URLs that were issued as permanent stay valid until its row is deleted. A configured
 * key takes precedence over a row with the same id.
 */
export async function openSigningKeys(
  configured: readonly SigningKey[],
  repository: SigningKeysRepository,
): Promise<readonly [SigningKey, ...SigningKey[]]> {
  if (configured.length === 0) {
    const secret = randomBytes(32).toString('base64url');
    await repository.addUnlessThere({ id: OWN_KEY_ID, secret, createdAt: new Date() });
  }
  const [first, ...others] = [...configured, ...(await repository.all())];
  if (first === undefined) throw new Error('The signing key that was just made is not in the database');
  return [first, ...others];
}
