import type { ModelName } from '@wan-image/core';

/** Keys of the texts of each model: a key of a text cannot contain a dot. */
export const MODEL_TEXTS = {
  'wan2.7-image-pro': 'pro',
  'wan2.7-image': 'standard',
} as const satisfies Readonly<Record<ModelName, string>>;
