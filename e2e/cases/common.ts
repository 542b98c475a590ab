import { expect } from 'vitest';

export const MODEL = 'wan2.7-image';

/** The smallest request that is valid, and what of it reaches the upstream. */
export const BASE = { model: MODEL, prompt: '一间花店', size: '1K' } as const;
export const SENT = { ...BASE, n: 1 } as const;

/** A recipe of an image that every rule allows, and how the simulator shows it. */
export const IMAGE = { $image: { format: 'png', width: 320, height: 240 } } as const;
export const shown = (mimeType: string): unknown => expect.stringMatching(`^data:${mimeType};base64,… \\(`);
export const SHOWN_IMAGE = shown('image/png');

/** The body of a 400 that names a parameter. */
export function refused(param: string | null, message: RegExp): object {
  return { error: { param, code: 'invalid_request', message: expect.stringMatching(message) as unknown } };
}
