import type { GenerationRecord } from '@wan-image/core/portable';
import type { IDataObject } from 'n8n-workflow';

/** In characters, of a prompt that a language model reads. */
const LONGEST_PROMPT = 200;

/** A generation with the fields that workflows use. */
export function simplified(record: GenerationRecord): IDataObject {
  const { id, state, outcome, model, prompt, images, error, tags, note, created_at } = record;
  return {
    id,
    state,
    outcome,
    model,
    prompt,
    images: images.map(({ id: image_id, index, url, width, height, favorite }) => ({
      image_id,
      index,
      url,
      width,
      height,
      favorite,
    })),
    error: error?.message ?? null,
    tags,
    note,
    created_at,
  };
}

/** Short, because a language model is billed by the word, with Markdown lines that it can show unchanged. */
export function forAgent({ id, state, prompt, images, tags, error, created_at }: GenerationRecord): IDataObject {
  const shown = images.flatMap(({ id: image_id, index, url }) =>
    url === null ? [] : [{ image_id, markdown: `![Image ${index + 1}](${url})` }],
  );
  return {
    id,
    prompt: Array.from(prompt).slice(0, LONGEST_PROMPT).join(''),
    created_at,
    ...(state === 'succeeded' ? {} : { state }),
    ...(error === null ? {} : { error: error.message }),
    ...(tags.length === 0 ? {} : { tags: tags.join(', ') }),
    images: shown,
  };
}
