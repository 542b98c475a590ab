import type { GenerationImageEntity } from './generation-image.entity.ts';

/** What names an image: its generation, whether it was given or made, and its place. */
export type ImageKey = Pick<GenerationImageEntity, 'generationId' | 'role' | 'index'>;

const IMAGE_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(input-)?(\d{1,2})$/;

/** `{generation}-0` for a result, `{generation}-input-0` for an input: known before the image is, and found by primary key. */
export function imageIdOf({ generationId, role, index }: ImageKey): string {
  return `${generationId}-${role === 'input' ? 'input-' : ''}${index}`;
}

/** Null where the text is no id of an image. */
export function readImageId(id: string): ImageKey | null {
  const match = IMAGE_ID.exec(id);
  if (!match) return null;
  return { generationId: match[1] ?? '', role: match[2] ? 'input' : 'output', index: Number(match[3]) };
}
