import type { IBinaryData } from 'n8n-workflow';
import type { Measured } from './store-image.ts';

/** An image that was made and paid for. */
export interface Image extends Measured {
  /** Its place in the reply, from 0. */
  readonly index: number;
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  /** Null where only its URL was asked for. */
  readonly binary: IBinaryData | null;
  /** Why its bytes are not here, if they should be; else null. */
  readonly failure: unknown;
}

export interface Made {
  readonly images: readonly Image[];
  /** Unix seconds. */
  readonly created: number | null;
  readonly requestId: string | null;
  readonly generationId: string | null;
  /** What did not go as asked, though images came. */
  readonly warning: string | null;
}
