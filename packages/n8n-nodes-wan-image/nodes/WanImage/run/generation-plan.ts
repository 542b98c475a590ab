import type { GenerateRequest } from '@wan-image/core/portable';
import type { Connection } from '../host/connect.ts';

/** One generation: its request, and what the node does with the images. */
export interface GenerationPlan {
  /** The input items of the request. Its parameters are those of the first. */
  readonly items: readonly number[];
  /** As the parameters give it; the client validates it. Of `again`, only what they change; of `existing`, nothing. */
  readonly request: Partial<GenerateRequest>;
  /** A generation of a history service that is run again, or whose images are read. Null for a new one. */
  readonly earlier: { readonly id: string; readonly use: 'again' | 'existing' } | null;
  /** The origin of each input image, in their order. */
  readonly inputs: readonly { readonly item: number; readonly label: string }[];
  /** `binary`: files from the response itself; `url`: no files; `both`: files downloaded from their URLs. */
  readonly output: 'binary' | 'url' | 'both';
  readonly binaryField: string;
  readonly fileName: string;
  /** Whether all images are in one item. */
  readonly oneItem: boolean;
  /** For the request with its retries, and again for each download. */
  readonly timeoutMs: number;
  readonly maximumRetries: number;
  /** Whether the items of the output have the JSON of their input item too. */
  readonly includeInputFields: boolean;
  /** Whether a stopped execution cancels the generation, which only a history service can. */
  readonly cancels: boolean;
}

/** A generation whose parameters are read when it starts, so that an invalid value fails only its own items. */
export interface PendingGeneration {
  readonly items: readonly number[];
  readonly readPlan: (connect: () => Promise<Connection>) => Promise<GenerationPlan>;
  /** How many images the request may give, without reading the rest of its parameters. */
  readonly mostImages: (connect: () => Promise<Connection>) => number | Promise<number>;
}
