import * as z from 'zod/mini';
import { GENERATION_STATES } from './generation-record.ts';

const image = z.object({
  id: z.string(),
  url: z.string(),
  width: z.nullable(z.int()),
  height: z.nullable(z.int()),
  thumbhash: z.nullable(z.string()),
});

const lineageNode = z.object({
  id: z.string(),
  /** False for a generation that was deleted for good, of which nothing else is known. */
  exists: z.boolean(),
  state: z.nullable(z.enum(GENERATION_STATES)),
  model: z.nullable(z.string()),
  /** The first 200 code points of it. */
  prompt: z.nullable(z.string()),
  created_at: z.nullable(z.string()),
  deleted_at: z.nullable(z.string()),
  /** Its generated images that are not in the bin. */
  images: z.array(image),
});

const lineageEdge = z.object({
  /** The generation that the other one was made from. */
  from: z.string(),
  to: z.string(),
  kind: z.enum(['rerun', 'edit']),
  /** The image that was an input; null for a rerun. */
  image_id: z.nullable(z.string()),
});

/** What a generation was made from, and what was made from it. */
export const lineage = z.object({
  object: z.literal('lineage'),
  /** The generation itself first, then the nearest: at most 200. */
  nodes: z.array(lineageNode),
  edges: z.array(lineageEdge),
  /** Whether there are more. */
  truncated: z.boolean(),
});
