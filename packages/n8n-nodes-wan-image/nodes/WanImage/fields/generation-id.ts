/** A UUID, and the index of an image of that generation. */
const ID = String.raw`([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-(\d{1,2}))?`;

const BARE = new RegExp(`^${ID}$`, 'i');

/** The URL of an image, or of a record. */
const IN_URL = new RegExp(`^https?://[^?#]*/(?:images|generations)/${ID}(?:[/?#]|$)`, 'i');

export interface GenerationId {
  readonly id: string;
  /** The image that was named, from 0; null for the generation as a whole. */
  readonly index: number | null;
}

/** The generation that an id or a URL names; null where it is neither. */
export function readGenerationId(value: unknown): GenerationId | null {
  const text = typeof value === 'string' ? value.trim() : '';
  const [, id, index] = BARE.exec(text) ?? IN_URL.exec(text) ?? [];
  return id === undefined ? null : { id: id.toLowerCase(), index: index === undefined ? null : Number(index) };
}
