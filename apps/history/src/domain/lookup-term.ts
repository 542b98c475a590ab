import { createHash } from 'node:crypto';

/**
 * A hash of a value that generations are looked up by, with its name, as a UUID: all have one length, whatever the values are. Its 128 bits
 * make it unlikely that two are ever equal, and a list compares the values themselves as well.
 */
export function lookupTerm(...parts: readonly [name: 'user' | 'metadata' | 'seed', ...values: string[]]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

interface Referenced {
  readonly clientUser: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly request: object;
}

/** The terms of a generation. */
export function lookupTermsOf({ clientUser, metadata, request }: Referenced): readonly string[] {
  const seed = 'seed' in request && typeof request.seed === 'number' ? request.seed : null;
  return [
    ...(clientUser === null ? [] : [lookupTerm('user', clientUser)]),
    ...Object.entries(metadata ?? {}).map(([key, value]) => lookupTerm('metadata', key, value)),
    ...(seed === null ? [] : [lookupTerm('seed', String(seed))]),
  ];
}
