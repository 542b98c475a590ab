/** Identifies an image: its generation, whether it is an input or an output, and its position. */
export interface ImageKey {
  /** UUID v7. */
  readonly generationId: string;
  readonly role: 'input' | 'output';
  /** From 0, in the order of the request or of the response. */
  readonly index: number;
}

/** Far beyond what any upstream returns. */
export const MAX_IMAGE_INDEX = 99;

/** An index has one spelling: with another one, two ids would name one image. */
const IMAGE_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(input-)?(0|[1-9]\d?)$/;

/** `{generation}-0` for an output, `{generation}-input-0` for an input: known before the image exists, and looked up by primary key. */
export function imageIdOf({ generationId, role, index }: ImageKey): string {
  return `${generationId}-${role === 'input' ? 'input-' : ''}${index}`;
}

/** Null if the text is not an image id. */
export function readImageId(id: string): ImageKey | null {
  const match = IMAGE_ID.exec(id);
  if (!match) return null;
  return { generationId: match[1] ?? '', role: match[2] ? 'input' : 'output', index: Number(match[3]) };
}
