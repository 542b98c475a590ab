import type { GenerationFilter } from './generation-filter.ts';
import type { GenerationState, ImageRecord, ImageState } from './generation-types.ts';

/** What a generation was made from. */
export interface Derivation {
  /** `rerun`: of that generation. `edit`: with one of its images as input. */
  kind: 'rerun' | 'edit';
  /** The earlier generation. It may have been deleted for good since. */
  generation_id: string;
  /** The image that was an input; null for a rerun. */
  image_id: string | null;
}

/** Where the words of a search stand in one text of a record. */
export interface SearchMatch {
  /** Which text it is. */
  field: 'prompt' | 'revised_prompt' | 'note' | 'tag';
  /** Of a revised prompt, the index of its image; of a tag, its place in `tags`; null for the others. */
  index: number | null;
  /** Start (inclusive) and end (exclusive), in UTF-16 code units of the text as the record has it; ascending, without overlaps. */
  ranges: [number, number][];
}

/** How many generations or images a filter selects. */
export interface ListCount {
  /** Exact up to 1,000. */
  value: number;
  /** Whether there are more than `value`, which is 1,000 then: to be shown as "1000+". */
  capped: boolean;
}

/** How far the search is: what an older version of the service recorded is indexed in the background. */
export interface SearchProgress {
  /** Whether everything can be found. */
  complete: boolean;
  /** The part of all generations that can be found, from 0 to 1. */
  indexed: number;
}

/** An image in a list for grids. */
export interface ImageListItem {
  /** The id of its generation and its index, such as `019ab2c4-…-0`. */
  id: string;
  /** Always `image`. */
  object: 'image';
  /** The id of its generation. */
  generation_id: string;
  /** Its position in the response, from 0. */
  index: number;
  /** The number of images of its generation. */
  set_size: number;
  /** Whether the service has its bytes. */
  state: ImageState;
  /** In pixels, as the image is shown; null until it is stored. */
  width: number | null;
  /** In pixels, as the image is shown; null until it is stored. */
  height: number | null;
  /** A blurred preview in base64 (thumbhash); null until it has been made. */
  thumbhash: string | null;
  /** Permanent, signed URL at the history service, which serves the bytes. */
  url: string;
  /** Whether somebody marked it as a favorite. */
  favorite: boolean;
  /** When it, or its generation, was put into the bin; null otherwise. */
  deleted_at: string | null;
  /** The first 200 characters of the prompt. */
  prompt: string;
  /** The model that the request was sent to. */
  model: string;
  /** When its generation was recorded. */
  created_at: string;
}

/** A page of images. */
export interface ImageList {
  /** Always `list`. */
  object: 'list';
  /** The generations in the order of the list, the images of each in theirs. */
  data: ImageListItem[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** Only with `count`: how many images the filter selects. */
  count?: ListCount | undefined;
  /** Only with `q`, `user`, `metadata`, `seed` and `derived_from`: how far their index is. */
  search?: SearchProgress | undefined;
}

/** The record of one image. */
export interface SingleImageRecord extends ImageRecord {
  /** The id of its generation. */
  generation_id: string;
}

/** A tag, and how often it is used. */
export interface TagCount {
  /** As people wrote it. */
  tag: string;
  /** The number of generations that have it and are not in the bin. */
  generations: number;
}

/** The tags of a project. */
export interface TagList {
  /** Always `list`. */
  object: 'list';
  /** The most used first. */
  data: TagCount[];
}

/** A JSON merge patch of a generation: a field that is absent stays as it is, and null empties it. */
export interface UpdateGenerationRequest {
  /** All of its tags: up to 32 of 1 to 64 characters. */
  tags?: string[] | null | undefined;
  /** Up to 10,000 characters. */
  note?: string | null | undefined;
}

/** A JSON merge patch of an image. */
export interface UpdateImageRequest {
  /** Whether it is a favorite. */
  favorite?: boolean | undefined;
}

/** A change of many generations or images: of exactly one of `ids`, `image_ids` and `filter`. */
export interface BulkChange {
  /** Generations: 1 to 1,000 ids. */
  readonly ids?: readonly string[] | undefined;
  /** Images alone, without their generations: 1 to 1,000 ids. */
  readonly image_ids?: readonly string[] | undefined;
  /** All generations that a list with this filter has. It becomes a job. */
  readonly filter?: GenerationFilter | undefined;
  /** Confirms a filter that is empty, and so selects everything. */
  readonly all?: true | undefined;
  /** `delete`: into the bin. `restore`: out of it. `purge`: for good. `update`: what the following fields say. */
  readonly action: 'delete' | 'restore' | 'purge' | 'update';
  /** Tags that generations get in addition to theirs. */
  readonly add_tags?: readonly string[] | undefined;
  /** Tags that generations lose. */
  readonly remove_tags?: readonly string[] | undefined;
  /** The note of generations; null empties it. */
  readonly note?: string | null | undefined;
  /** Whether images are favorites. */
  readonly favorite?: boolean | undefined;
  /** Only counts what it is about, and changes nothing. Default false. */
  readonly dry_run?: boolean | undefined;
}

/** What is exported: exactly one of `ids` and `image_ids`. */
export interface ExportRequest {
  /** `zip`: an archive with `manifest.jsonl`, one record a line, and the images as they were generated. */
  readonly format: 'zip';
  /** Generations, with all of their images: 1 to 1,000 ids. */
  readonly ids?: readonly string[] | undefined;
  /** Images alone: 1 to 1,000 ids. */
  readonly image_ids?: readonly string[] | undefined;
}

/** The result of a bulk change of given ids. */
export interface BulkResult {
  /** Always `bulk_result`. */
  object: 'bulk_result';
  /** How many of them exist in the project. */
  matched: number;
  /** How many were changed: the others were so already, are still in flight, or would have too many tags. */
  changed: number;
}

/** How long work ended, or that it has not. */
export type BackgroundJobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/** Long work of the service, such as a bulk change over a filter. */
export interface BackgroundJob {
  /** UUID v7. */
  id: string;
  /** Always `job`. */
  object: 'job';
  /** What it does: `bulk`, `reindex`, `statistics` or `retention`. A later version may have others. */
  kind: string;
  /** After a crash another process continues it. */
  state: BackgroundJobState;
  /** The number of generations that it is through with. */
  done: number;
  /** How many there are; null if that is not known. */
  total: number | null;
  /** What it did; null until it has succeeded. */
  result: Record<string, unknown> | null;
  /** Why it failed; null unless it did. */
  error: {
    /** The kind of error. */
    type: string;
    /** A stable code; null without one. */
    code: string | null;
    /** What happened. */
    message: string;
    /** Always null. */
    param: string | null;
  } | null;
  /** When it was asked for. */
  created_at: string;
  /** When it ended; null until then. */
  finished_at: string | null;
}

/** The jobs of a project. */
export interface BackgroundJobList {
  /** Always `list`. */
  object: 'list';
  /** The newest 100. */
  data: BackgroundJob[];
}

/** An image of a generation in a lineage. */
export interface LineageImage {
  /** The id of its generation and its index. */
  id: string;
  /** Permanent, signed URL at the history service. */
  url: string;
  /** In pixels; null until it is stored. */
  width: number | null;
  /** In pixels; null until it is stored. */
  height: number | null;
  /** A blurred preview in base64 (thumbhash); null until it has been made. */
  thumbhash: string | null;
}

/** A generation of a lineage. */
export interface LineageNode {
  /** Id of the generation. */
  id: string;
  /** False for a generation that was deleted for good, of which nothing else is known. */
  exists: boolean;
  /** What happened; null if it does not exist. */
  state: GenerationState | null;
  /** The model of the request; null if it does not exist. */
  model: string | null;
  /** The first 200 characters of the prompt; null if it does not exist. */
  prompt: string | null;
  /** When it was recorded; null if it does not exist. */
  created_at: string | null;
  /** When it was put into the bin; null if it is not there. */
  deleted_at: string | null;
  /** Its generated images that are not in the bin. */
  images: LineageImage[];
}

/** That one generation was made from another. */
export interface LineageEdge {
  /** Id of the generation that the other one was made from. */
  from: string;
  /** Id of the generation that was made. */
  to: string;
  /** By a rerun, or by an edit of an image. */
  kind: 'rerun' | 'edit';
  /** The image that was an input; null for a rerun. */
  image_id: string | null;
}

/** What a generation was made from, and what was made from it. */
export interface Lineage {
  /** Always `lineage`. */
  object: 'lineage';
  /** The generation itself first, then the nearest: at most 200. */
  nodes: LineageNode[];
  /** Between these nodes. */
  edges: LineageEdge[];
  /** Whether there are more. */
  truncated: boolean;
}
