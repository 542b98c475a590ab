import type { RetentionPolicy } from '@wan-image/core';

/** An image as the model knows it. */
export interface ModelImage {
  readonly role: 'input' | 'output';
  readonly index: number;
  readonly bytes: number;
  state: 'stored' | 'pending' | 'deleted';
  isFavorite: boolean;
  /** Days ago; null if it is not in the bin by itself. */
  binnedDays: number | null;
}

/** A generation as the model knows it. */
export interface ModelGeneration {
  readonly id: string;
  readonly days: number;
  readonly isOpen: boolean;
  readonly images: ModelImage[];
  tags: string[];
  binnedDays: number | null;
}

/** What a policy leaves of generations, the oldest first: the rules of the manual once more, in the plainest way. */
export function applyPolicy(all: readonly ModelGeneration[], policy: RetentionPolicy): readonly ModelGeneration[] {
  const isTagged = ({ tags }: ModelGeneration): boolean => tags.some((tag) => policy.keep_tags.includes(tag));
  const isMarked = ({ isFavorite }: ModelImage): boolean => policy.keep_favorites && isFavorite;
  const isSpared = (one: ModelGeneration): boolean => isTagged(one) || one.images.some(isMarked);
  const isTooOld = (days: number | null, limit: number | null): boolean =>
    days !== null && limit !== null && days > limit;
  const goes = (one: ModelGeneration): boolean => !one.isOpen && !one.images.some(({ state }) => state === 'pending');
  const remove = (image: ModelImage): void => {
    Object.assign(image, { state: 'deleted', isFavorite: false });
  };

  const most = policy.records.max_count;
  const tooMany = new Set<string>();
  let rest = all.filter((one) => !(goes(one) && isTooOld(one.binnedDays, policy.bin_days)));
  for (const one of rest)
    for (const image of one.images)
      if (!one.isOpen && image.state === 'stored' && isTooOld(image.binnedDays, policy.bin_days)) remove(image);
  // Counted before anything goes: those that are newer are as many, whatever is in the bin.
  if (most !== null) for (const { id } of all.slice(0, Math.max(0, all.length - most))) tooMany.add(id);
  rest = rest.filter(
    (one) => !(goes(one) && !isSpared(one) && (isTooOld(one.days, policy.records.max_age_days) || tooMany.has(one.id))),
  );
  const outputs = (one: ModelGeneration): readonly ModelImage[] =>
    one.isOpen || isTagged(one)
      ? []
      : one.images.filter((image) => image.role === 'output' && image.state === 'stored' && !isMarked(image));
  for (const one of rest)
    if (isTooOld(one.days, policy.images.max_age_days)) for (const image of outputs(one)) remove(image);
  const kept = rest
    .flatMap(({ images }) => images)
    .filter(({ role, state }) => role === 'output' && state === 'stored')
    .reduce((bytes, image) => bytes + image.bytes, 0);
  let excess = policy.images.max_bytes === null ? 0 : kept - policy.images.max_bytes;
  for (const image of rest.flatMap(outputs)) {
    if (excess <= 0) break;
    remove(image);
    excess -= image.bytes;
  }
  for (const one of rest)
    if (!one.isOpen && !isSpared(one) && isTooOld(one.days, policy.inputs.max_age_days))
      for (const image of one.images) if (image.role === 'input') remove(image);
  return rest;
}
