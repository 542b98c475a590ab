import type { AcceptedRequest } from '@wan-image/core';
import type { Adaptation } from '../../ledger/generation.entity.ts';

/** In characters: a client may choose any name. */
const MAX_NAME_LENGTH = 60;

/**
 * What a client should know of its request, for the `warning` header: the values that were replaced, the parameters that were dropped, and
 * those that the contract does not define. Each of the last may be a parameter of the vendor, or a typo that is billed.
 */
export function warningsOf({
  adapted,
  dropped,
  extra,
}: Pick<AcceptedRequest, 'dropped' | 'extra'> & { readonly adapted: readonly Adaptation[] }): readonly string[] {
  return [
    ...adapted.map(({ param, given: sent, used }) => `${param} ${sent ?? '(not given)'} taken as ${used}`),
    ...dropped.map((name) => `${name} is not a parameter of this model: dropped`),
    ...Object.keys(extra).map(
      (name) => `${shortName(name)} is not a parameter of this API: sent to the upstream unchanged, check the spelling`,
    ),
  ];
}

function shortName(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name;
}
