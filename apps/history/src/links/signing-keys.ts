import { randomBytes } from 'node:crypto';
import type { SigningKey } from '../config/signing-keys.ts';
import type { SigningKeysRepository } from './signing-keys.repository.ts';

/** Id of the key that the service makes for itself. */
const OWN_KEY_ID = 'own';

/**
 * The keys of image URLs, the signing one first. Without a setting the service makes one, once, in the database. That one goes on
 * verifying where keys are set later: URLs that were given out as permanent stay so until its row is deleted. A key of the setting
 * takes the place of a row with its id.
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
