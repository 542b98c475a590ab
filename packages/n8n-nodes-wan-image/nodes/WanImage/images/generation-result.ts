import type { IBinaryData } from 'n8n-workflow';
import type { Measured } from './store-image.ts';

/** An image that was generated and billed. */
export interface ResultImage extends Measured {
  /** Its position in the response, from 0. */
  readonly index: number;
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  /** Null where the output is only the URL. */
  readonly binary: IBinaryData | null;
  /** Why its bytes are missing although the output has files; else null. */
  readonly failure: unknown;
}

export interface GenerationResult {
  readonly images: readonly ResultImage[];
  /** Unix seconds. */
  readonly created: number | null;
  readonly requestId: string | null;
  readonly generationId: string | null;
  /** From the record of a history service; null elsewhere. The amount is a decimal number as text. */
  readonly cost: { readonly amount: string; readonly currency: string } | null;
  /** What is missing from a generation that has images. */
  readonly warning: string | null;
  /** What was requested, where the parameters of the node do not say it. */
  readonly requested?: RequestedImage | undefined;
}

/** What a request says of its images. */
export interface RequestedImage {
  readonly prompt: string;
  readonly model: string;
  readonly size?: string | undefined;
  readonly seed?: number | undefined;
}
