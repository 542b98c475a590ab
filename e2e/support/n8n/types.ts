/** The parts of n8n's data that the tests use, by structure: n8n's own types are in a separate installation. */

export type JsonObject = Record<string, unknown>;

export interface BinaryData {
  readonly mimeType: string;
  /** Base64 in mode `default`; else the name of the mode. */
  readonly data: string;
  readonly id?: string;
  readonly fileName?: string;
  readonly fileExtension?: string;
  readonly fileType?: string;
  readonly fileSize?: string;
  readonly bytes?: number;
}

interface PairedItem {
  readonly item: number;
  readonly input?: number;
}

export interface Item {
  readonly json: JsonObject;
  readonly binary?: Readonly<Record<string, BinaryData>>;
  readonly pairedItem?: PairedItem | number | readonly (PairedItem | number)[];
  readonly error?: NodeError;
}

/** A NodeApiError or NodeOperationError, as in run data. */
export interface NodeError {
  readonly name: string;
  readonly message: string;
  readonly description?: string | null;
  readonly httpCode?: string | null;
  readonly context?: JsonObject;
  /** Of a NodeApiError: the facts that the node gave it. */
  readonly errorResponse?: JsonObject;
  readonly node?: { readonly name: string };
  readonly stack?: string;
}

export interface Hint {
  readonly message: string;
  readonly type?: string;
  readonly location?: string;
}

/** One run of one node. */
export interface TaskData {
  readonly startTime: number;
  readonly executionTime: number;
  readonly executionIndex: number;
  readonly executionStatus?: string;
  readonly error?: NodeError;
  readonly hints?: readonly Hint[];
  /** By kind of connection (`main`, `ai_tool`), then by branch. */
  readonly data?: Readonly<Record<string, readonly (readonly Item[] | null)[]>>;
  readonly inputOverride?: Readonly<Record<string, readonly (readonly Item[] | null)[]>>;
}

export type RunData = Readonly<Record<string, readonly TaskData[]>>;

export interface WorkflowNode {
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly parameters: JsonObject;
  readonly id?: string;
  readonly position?: readonly [number, number];
  readonly credentials?: Readonly<Record<string, { readonly id: string | null; readonly name: string }>>;
  readonly onError?: 'continueRegularOutput' | 'continueErrorOutput' | 'stopWorkflow';
  readonly retryOnFail?: boolean;
  readonly maxTries?: number;
  readonly waitBetweenTries?: number;
  readonly executeOnce?: boolean;
  readonly alwaysOutputData?: boolean;
  readonly disabled?: boolean;
  readonly webhookId?: string;
}

/** A workflow as n8n exports it. */
export interface WorkflowJson {
  readonly name?: string;
  readonly nodes: readonly WorkflowNode[];
  /** By name of the source node, type of connection and output: the targets. */
  readonly connections: Readonly<Record<string, Readonly<Record<string, readonly (readonly Connection[] | null)[]>>>>;
  readonly settings?: JsonObject;
  /** By name: the output of a node that n8n uses instead of running it. */
  readonly pinData?: Readonly<Record<string, readonly Pick<Item, 'json'>[]>>;
}

interface Connection {
  readonly node: string;
  readonly type: string;
  readonly index: number;
}

export type CredentialData = Readonly<Record<string, unknown>>;

/** The result of a credential test, as its dialog shows it. */
export interface CredentialTestResult {
  readonly status: 'OK' | 'Error';
  readonly message: string;
}
