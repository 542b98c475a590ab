/** How long a project keeps what was generated. A limit that is null keeps everything. */
export interface RetentionPolicy {
  /** Output images. Their records stay. */
  images: {
    /** Days after which the images of a generation are deleted. */
    max_age_days: number | null;
    /** Bytes of all output images together: beyond that, the oldest are deleted. */
    max_bytes: number | null;
  };
  /** The service's own copies of input images. */
  inputs: {
    /** Days after which the copies of a generation are deleted. */
    max_age_days: number | null;
  };
  /** Generations as a whole, with their images. */
  records: {
    /** Days after which a generation is deleted. */
    max_age_days: number | null;
    /** The number of generations: beyond that, the oldest are deleted. */
    max_count: number | null;
  };
  /** Days after which the bin is emptied, favorites and tags or not. */
  bin_days: number | null;
  /** Whether favorites stay, with their records and inputs. */
  keep_favorites: boolean;
  /** Tags whose generations stay as a whole. */
  keep_tags: string[];
}

/** A policy as it is set: what is absent is null or has its default. */
export interface RetentionRequest {
  /** Output images. Their records stay. */
  readonly images?:
    | {
        /** Days: 1 to 36,500. */
        readonly max_age_days?: number | null | undefined;
        /** Bytes of all output images together, at least 1. */
        readonly max_bytes?: number | null | undefined;
      }
    | undefined;
  /** The service's own copies of input images. */
  readonly inputs?:
    | {
        /** Days: 1 to 36,500. */
        readonly max_age_days?: number | null | undefined;
      }
    | undefined;
  /** Generations as a whole, with their images. */
  readonly records?:
    | {
        /** Days: 2 to 36,500. */
        readonly max_age_days?: number | null | undefined;
        /** The number of generations: 1 to 1,000,000,000. */
        readonly max_count?: number | null | undefined;
      }
    | undefined;
  /** Days after which the bin is emptied: 1 to 36,500. */
  readonly bin_days?: number | null | undefined;
  /** Whether favorites stay, with their records and inputs. Default true. */
  readonly keep_favorites?: boolean | undefined;
  /** Up to 32 tags whose generations stay as a whole. Default none. */
  readonly keep_tags?: readonly string[] | undefined;
}

/** What a run of the policy deleted for good. */
export interface RetentionResult {
  /** Output images that were too old or too many, whose records stay. */
  images: number;
  /** Copies of input images. */
  inputs: number;
  /** Generations that were too old or too many. */
  records: number;
  /** Generations and images that were in the bin for too long. */
  bin: number;
  /** Bytes of all of them together. Those that another record shares stay. */
  bytes: number;
}

/** The policy of a project, and its last run. */
export interface Retention extends RetentionPolicy {
  /** Always `retention`. */
  object: 'retention';
  /** When it was set; null if it never was. */
  updated_at: string | null;
  /** Null until the policy has been carried out for the first time. */
  last_run: {
    /** When it began. */
    started_at: string;
    /** When it ended; null while it runs. */
    finished_at: string | null;
    /** Its job; null if there was nothing to delete. */
    job_id: string | null;
    /** How the job stands. */
    state: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
    /** What it deleted; null until it has succeeded. */
    result: RetentionResult | null;
  } | null;
}

/** How much a part of a policy would delete. */
export interface RetentionMatch {
  /** The number of images or generations. */
  matched: number;
  /** The bytes of their images together. Those that another record shares stay. */
  bytes: number;
}

/** What a policy would delete today. */
export interface RetentionPreview {
  /** Always `retention_preview`. */
  object: 'retention_preview';
  /** Output images whose records stay. */
  images: RetentionMatch;
  /** Copies of input images. */
  inputs: RetentionMatch;
  /** Generations as a whole. */
  records: RetentionMatch;
  /** Generations and images in the bin. */
  bin: RetentionMatch;
  /** Whether there is more: it stops at 100,000 in all, and after some seconds. */
  capped: boolean;
}
