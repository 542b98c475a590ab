import * as z from 'zod/mini';
import { must, onlyKnown } from './field-messages.ts';
import { parseFilterQuery, type GenerationFilter } from './generation-filter.ts';
import { GENERATION_IDS, idList, IMAGE_IDS } from './id-list.ts';
import type { BulkTarget } from './library-requests.ts';
import { parseWith, type Parsed } from './parsed.ts';

/** Most generations of one export. */
export const MAX_EXPORT_GENERATIONS = 1_000;

const format = /* @__PURE__ */ (() => z.enum(['zip'], must('format must be zip, the only one that there is')))();

const SEVERAL = 'export them in several requests';

/** An export of given generations or images. */
export const exportRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      format,
      /** Generations, with all of their images. */
      ids: z.optional(idList('ids', GENERATION_IDS, SEVERAL)),
      /** Images alone. */
      image_ids: z.optional(idList('image_ids', IMAGE_IDS, SEVERAL)),
    },
    onlyKnown('The body', 'field', 'Known fields: format, ids, image_ids.'),
  ))();

/** An export that was parsed. */
export interface ParsedExport {
  /** `zip`: an archive with a manifest and the images. */
  readonly format: 'zip';
  /** What it has. */
  readonly target: BulkTarget;
}

/** Parses the body of `POST /v1/exports`. */
export function parseExport(input: unknown): Parsed<ParsedExport> {
  const parsed = parseWith(exportRequest, input);
  if (!parsed.ok) return parsed;
  const { ids, image_ids, ...rest } = parsed.value;
  if (ids !== undefined && image_ids === undefined) return { ok: true, value: { ...rest, target: { ids } } };
  if (image_ids !== undefined && ids === undefined) return { ok: true, value: { ...rest, target: { image_ids } } };
  return { ok: false, problems: [{ param: null, message: 'Give exactly one of ids and image_ids.' }] };
}

const NAMES = ['format', 'image_id'];

const exportQuery = /* @__PURE__ */ (() =>
  z.object({ format, image_id: z.optional(idList('image_id', IMAGE_IDS, SEVERAL)) }))();

/** Parses the query of `GET /v1/exports`: the format, and a filter or ids of images. */
export function parseExportQuery(input: Readonly<Record<string, unknown>>): Parsed<ParsedExport> {
  const { format: name, image_id, ...others } = input;
  const parsed = parseWith(exportQuery, {
    format: name,
    image_id: typeof image_id === 'string' ? [image_id] : image_id,
  });
  const filter = parseFilterQuery(others, NAMES);
  if (!parsed.ok || !filter.ok)
    return { ok: false, problems: [...(parsed.ok ? [] : parsed.problems), ...(filter.ok ? [] : filter.problems)] };
  const { image_id: ids, ...rest } = parsed.value;
  if (ids === undefined) return { ok: true, value: { ...rest, target: { filter: filter.value } } };
  const [part] = Object.keys(filter.value) as (keyof GenerationFilter)[];
  if (part === undefined) return { ok: true, value: { ...rest, target: { image_ids: ids } } };
  const message = `${part} selects generations, and image_id images: give one of them.`;
  return { ok: false, problems: [{ param: part, message }] };
}
