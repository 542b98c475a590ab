import type { ApiKeyScope, SpendPeriod } from './access-rules.ts';

/** A project of a history service: what its keys record, no other project reads. */
export interface ProjectRecord {
  /** UUID v7, so ids sort by time. */
  id: string;
  /** Always `project`. */
  object: 'project';
  /** Unique among all projects; 1 to 100 characters. */
  name: string;
  /** RFC 3339, UTC, milliseconds. */
  created_at: string;
  /** When it was archived; null if it is in use. */
  archived_at: string | null;
}

/** A page of projects. */
export interface ProjectList {
  /** Always `list`. */
  object: 'list';
  /** Newest first. */
  data: ProjectRecord[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
}

/** What a key may spend. Amounts are decimal numbers such as `12.50`: money is not stored as a floating-point number. */
export interface SpendLimitRecord {
  /** The limit of one period. */
  amount: string;
  /** ISO 4217, such as `CNY`. */
  currency: string;
  /** In UTC. `total` is never reset. */
  period: SpendPeriod;
  /** In the current period. A generation that may have been billed counts as spent. */
  spent: string;
  /** Reserved for generations in flight. */
  reserved: string;
  /** When the current period ends; null for `total`. */
  resets_at: string | null;
}

/** An API key, without the key itself. Times are RFC 3339 in UTC with milliseconds. */
export interface ApiKeyRecord {
  /** UUID v7, so ids sort by time. */
  id: string;
  /** Always `api_key`. */
  object: 'api_key';
  /** The project that it belongs to. */
  project_id: string;
  /** The name that people know it by; 1 to 100 characters. */
  name: string;
  /** The beginning of the key, to recognize it by. */
  prefix: string;
  /** What it may do. */
  scopes: ApiKeyScope[];
  /** Generations per minute; null: no limit. */
  rate_limit: number | null;
  /** Null: no limit. */
  spend_limit: SpendLimitRecord | null;
  /** What was billed to it, with a limit or without one: decimal amounts by currency, such as `{"CNY": "12.40"}`. A second behind. */
  spent: {
    /** Since the key exists. */
    total: Record<string, string>;
    /** Of what was requested since the start of the month, in UTC. */
    this_month: Record<string, string>;
  };
  /** When it was created. */
  created_at: string;
  /** When it stops working; null: never. */
  expires_at: string | null;
  /** When it was revoked, for good; null if it was not. */
  revoked_at: string | null;
  /** When it was archived; null if it was not. An archived key is refused until it is restored. */
  archived_at: string | null;
  /** Accurate to the minute; null: never used. */
  last_used_at: string | null;
}

/** The response to creating a key, the only one that contains the key itself. */
export interface CreatedApiKey extends ApiKeyRecord {
  /** The key. The service keeps only a hash of it. */
  key: string;
}

/** A page of API keys. */
export interface ApiKeyList {
  /** Always `list`. */
  object: 'list';
  /** Newest first. */
  data: ApiKeyRecord[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
}

/** The body of `POST /v1/session`. */
export interface CreateSessionRequest {
  /** The API key that the page is to use, or the admin key. */
  api_key: string;
}

/** The body of `POST /v1/projects`. */
export interface CreateProjectRequest {
  /** 1 to 100 characters, unique among all projects. */
  name: string;
}

/** A spend limit of a new key. */
export interface SpendLimitRequest {
  /** A decimal number such as `12.50`: below 1000000000, with at most six decimal places. */
  amount: string;
  /** In UTC. `total` is never reset. */
  period: SpendPeriod;
}

/** The body of `POST /v1/api-keys`. */
export interface CreateApiKeyRequest {
  /** Id of its project. Default: the default project. */
  project_id?: string | undefined;
  /** 1 to 100 characters. */
  name: string;
  /** One or more. Default: `generate` and `read`. */
  scopes?: ApiKeyScope[] | undefined;
  /** Generations per minute, which is also the largest burst: 1 to 1000000. Null or absent: no limit. */
  rate_limit?: number | null | undefined;
  /** Null or absent: no limit. Requires a price for each model (`PRICES`). */
  spend_limit?: SpendLimitRequest | null | undefined;
  /** RFC 3339, in the future. Null or absent: never. */
  expires_at?: string | null | undefined;
}

/** The body of `PATCH /v1/projects/{id}`: a JSON merge patch. */
export interface UpdateProjectRequest {
  /** 1 to 100 characters, unique among all projects. */
  name?: string | undefined;
  /** The keys of an archived project are refused, and lists leave it out. `false` restores it. */
  archived?: boolean | undefined;
}

/** A change of a spend limit. A field that is absent stays as it is. */
export interface SpendLimitChange {
  /** A decimal number such as `12.50`: below 1000000000, with at most six decimal places. */
  amount?: string | undefined;
  /** In UTC. Another period counts what is billed from now on. */
  period?: SpendPeriod | undefined;
}

/** The body of `PATCH /v1/api-keys/{id}`: a JSON merge patch. */
export interface UpdateApiKeyRequest {
  /** 1 to 100 characters. */
  name?: string | undefined;
  /** One or more. */
  scopes?: ApiKeyScope[] | undefined;
  /** Generations per minute: 1 to 1000000; null: no limit. */
  rate_limit?: number | null | undefined;
  /** Null: no limit. */
  spend_limit?: SpendLimitChange | null | undefined;
  /** RFC 3339, in the future; null: never. */
  expires_at?: string | null | undefined;
  /** An archived key is refused, and lists leave it out. `false` restores it. */
  archived?: boolean | undefined;
}
