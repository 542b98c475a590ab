import type { GenerationRecord, ImageRecord, InputImageRecord } from '@wan-image/core';

export const GENERATION_ID = '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071';

/** A generation that succeeded, with what a test says of it. */
export function recordOf(changes: Partial<GenerationRecord> = {}): GenerationRecord {
  const { id = GENERATION_ID, prompt = 'A fox' } = changes;
  return {
    id,
    object: 'generation',
    state: 'succeeded',
    outcome: 'billed',
    source: 'gallery',
    model: 'wan2.7-image',
    prompt,
    request: { model: 'wan2.7-image', prompt, n: 1, size: '2K', seed: 7 },
    cut: [],
    user: null,
    metadata: null,
    dropped: [],
    adapted: [],
    input_images: [],
    images: [imageOf({ id: `${id}-0` })],
    error: null,
    upstream: {
      request_id: 'upstream-1',
      status: 200,
      attempts: 1,
      simulated: false,
      message: null,
      extra: null,
      extra_cut: [],
    },
    cost: { amount: '0.20', currency: 'CNY' },
    api_key: null,
    created_at: '2026-11-28T10:00:00.000Z',
    sent_at: '2026-11-28T10:00:01.000Z',
    finished_at: '2026-11-28T10:00:09.000Z',
    duration_ms: 8000,
    tags: [],
    note: null,
    deleted_at: null,
    derived_from: [],
    ...changes,
  };
}

/** A stored image. */
export function imageOf(changes: Partial<ImageRecord> = {}): ImageRecord {
  const { id = `${GENERATION_ID}-0`, index = 0 } = changes;
  return {
    id,
    object: 'image',
    index,
    state: 'stored',
    url: `http://history.test/images/${id}?key=own&signature=s`,
    width: 2048,
    height: 1024,
    bytes: 1_234_567,
    mime_type: 'image/png',
    sha256: 'a'.repeat(64),
    revised_prompt: null,
    warning: null,
    orientation: null,
    favorite: false,
    thumbhash: null,
    deleted_at: null,
    ...changes,
  };
}

/** An input image that was sent as bytes. */
export function inputImageOf(changes: Partial<InputImageRecord> = {}): InputImageRecord {
  return {
    index: 0,
    kind: 'stored',
    url: `http://history.test/images/${GENERATION_ID}-input-0?key=own&signature=s`,
    state: 'stored',
    archived_url: null,
    sha256: 'b'.repeat(64),
    width: 800,
    height: 600,
    mime_type: 'image/png',
    from_image: null,
    ...changes,
  };
}
