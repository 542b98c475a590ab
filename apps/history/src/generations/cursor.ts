import { createHash } from 'node:crypto';
import type { GenerationFilter, ListOrder } from '@wan-image/core';
import { MAX_IMAGE_INDEX } from '../domain/image-key.ts';
import { invalidRequest } from '../domain/api-error.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';

/** A list, as far as a cursor belongs to it: the page size may change from page to page, the rest may not. */
export interface ListIdentity {
  readonly kind: 'generations' | 'images';
  readonly scope: ReadScope;
  readonly filter: GenerationFilter;
  readonly order: ListOrder;
}

/** The place after the last row of a page. `index` is that of an image; 0 in a list of generations. */
export interface Position {
  readonly generationId: string;
  readonly index: number;
}

const DIGEST_BYTES = 9;
const ID_BYTES = 16;
const VERSION = 1;

/** Opaque to clients: version, id, index, and a digest of the list that it belongs to. */
export function cursorOf({ generationId, index }: Position, list: ListIdentity): string {
  const bytes = Buffer.alloc(1 + ID_BYTES + 2);
  bytes.writeUInt8(VERSION, 0);
  bytes.write(generationId.replaceAll('-', ''), 1, 'hex');
  bytes.writeUInt16BE(index, 1 + ID_BYTES);
  return Buffer.concat([bytes, digestOf(list)]).toString('base64url');
}

/** Null without a cursor. Throws an ApiError for one that is not of this list. */
export function readCursor(cursor: string | null, list: ListIdentity): Position | null {
  if (cursor === null) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== 1 + ID_BYTES + 2 + DIGEST_BYTES || bytes.readUInt8(0) !== VERSION) throw invalidCursor();
  if (!bytes.subarray(-DIGEST_BYTES).equals(digestOf(list))) throw foreignCursor();
  const hex = bytes.subarray(1, 1 + ID_BYTES).toString('hex');
  const index = bytes.readUInt16BE(1 + ID_BYTES);
  // Both are as the service has made them, or somebody has changed them: no id of a generation is the last one of all.
  if (index > MAX_IMAGE_INDEX || /^f+$/.test(hex)) throw invalidCursor();
  return { generationId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), index };
}

function digestOf({ kind, scope: { projectId }, filter, order }: ListIdentity): Buffer {
  const project = projectId === ALL_PROJECTS ? 'all' : projectId;
  const canonical = JSON.stringify([kind, project, order, sorted(filter)]);
  return createHash('sha256').update(canonical).digest().subarray(0, DIGEST_BYTES);
}

/** Equal for filters that select the same: neither the order of parameters matters, nor that of repeated ones. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value as string[])].toSorted();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}

function invalidCursor(): Error {
  return invalidRequest('Invalid cursor: pass the next_cursor of the previous page, or omit it.', 'cursor');
}

function foreignCursor(): Error {
  const message =
    'The cursor belongs to a list with another filter, order or project. Pass it with the parameters of the previous page, or omit it to start again.';
  return invalidRequest(message, 'cursor');
}
