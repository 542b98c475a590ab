import type { ImageFormat } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { isToolRun } from '../host/tool-run.ts';
import type { RequestedImage } from '../images/generation-result.ts';

/** An image of a request that was billed, as JSON. */
export interface PaidImage {
  readonly index: number;
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  readonly format: ImageFormat | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Its file in n8n's storage, if it was stored. */
  readonly binary: IBinaryData | null;
}

/** A request that was billed. */
export interface PaidRequest {
  readonly images: readonly PaidImage[];
  readonly created: number | null;
  readonly requestId: string | null;
  readonly generationId: string | null;
  readonly warning: string | null;
  readonly requested?: RequestedImage | undefined;
}

/** What n8n stores with the execution, and hands to the execution that retries it. */
interface Memory {
  /** What the idempotency keys are made of: the same in an execution and in all that retry it. */
  execution?: string;
  /** The fingerprint of the parameters with which its requests were made. */
  parameters?: string;
  /** By idempotency key, with the execution that made the request. */
  requests?: Record<string, PaidRequest & { readonly execution: string }>;
  /** Images that the node has requested in this execution, by its run. */
  requested?: { execution: string; images: Record<string, number> };
}

/**
 * What the node has paid for in an execution. n8n's context data of the node is stored with a failed execution, and *Retry* in the list of
 * executions starts with it: the new execution has the keys of the first, and what that one made is not made again. Images in a failed
 * execution are nowhere else, because n8n drops the output of a node that throws.
 */
export class PaidRequests {
  readonly #memory: Memory;
  readonly #execution: string | undefined;
  readonly #isTool: boolean;

  private constructor(memory: Memory, execution: string | undefined, isTool: boolean) {
    this.#memory = memory;
    this.#execution = execution;
    this.#isTool = isTool;
  }

  static async of(context: IExecuteFunctions): Promise<PaidRequests> {
    const memory = memoryOf(context);
    const execution = context.getExecutionId() as string | undefined;
    const parameters = await fingerprint(context);
    // With other parameters the retry is a new request: the user has changed the workflow in between.
    if (memory.parameters !== parameters) {
      delete memory.execution;
      delete memory.requests;
    }
    if (execution !== undefined) memory.execution ??= await originOf(context, execution);
    memory.parameters = parameters;
    return new PaidRequests(memory, execution, isToolRun(context));
  }

  /** What the execution has in common with those that it retries; undefined in an unsaved execution. */
  get origin(): string | undefined {
    return this.#memory.execution;
  }

  /** The fingerprint of the parameters: with others it is another request, also where n8n has lost the context data. */
  get parameters(): string {
    return this.#memory.parameters ?? '';
  }

  /** What an earlier execution got for this key. Within one execution the tries of n8n share more: see `earlierTries`. */
  ofEarlierExecution(key: string): PaidRequest | null {
    const found = this.#memory.requests?.[key];
    return found === undefined || found.execution === this.#execution ? null : found;
  }

  store(key: string, request: PaidRequest): void {
    if (this.#execution === undefined) return;
    const { [key]: before } = (this.#memory.requests ??= {});
    this.#memory.requests[key] = { ...request, execution: before?.execution ?? this.#execution };
  }

  /** After a run without error its output has everything. A tool's output is lost with a failed agent, so that is kept. */
  forget(): void {
    if (!this.#isTool) delete this.#memory.requests;
  }

  /**
   * Counts the images of a run against a limit for all runs of the node in this execution, and returns how many the others have. A retry of
   * the same run counts once.
   */
  count(run: number, images: number): number {
    const execution = this.#execution ?? '';
    const { requested } = this.#memory;
    const ofRuns = requested?.execution === execution ? requested.images : {};
    this.#memory.requested = { execution, images: { ...ofRuns, [run]: images } };
    return Object.entries(ofRuns).reduce((sum, [other, count]) => (other === String(run) ? sum : sum + count), 0);
  }
}

/**
 * What the execution has in common with those that it retries. n8n stores the context data when an execution ends, and so not of one whose
 * process was killed. What it does store when an execution starts, and hands on to each that retries it, is a random token. An n8n without
 * such tokens has at least the number of the execution that this one retries: enough for one that was killed, not for two in a row.
 * n8n's engine 2.0 has a new token for each step, also when it runs a step again after a kill, and then the same execution.
 */
async function originOf(context: IExecuteFunctions, execution: string): Promise<string> {
  const { runExecutionData, additionalData } = context as {
    readonly runExecutionData?: { readonly resumeToken?: unknown } | null;
    readonly additionalData?: { readonly hooks?: { readonly retryOf?: unknown } };
  };
  const token = runExecutionData?.resumeToken;
  // Hashed: the token lets its bearer resume the execution.
  if (!OF_ENGINE_2.test(execution) && typeof token === 'string' && token !== '') return digestOf(token);
  const retried = additionalData?.hooks?.retryOf;
  return typeof retried === 'string' ? retried : execution;
}

/** The number of an execution of engine 2.0 is a UUID of version 7, by which n8n tells them apart too (`isExecutionIdV2`). */
const OF_ENGINE_2 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(text));
  return Buffer.from(digest).toString('base64');
}

/** The context data of the node in the execution; none in a host without an execution. */
function memoryOf(context: IExecuteFunctions): Memory {
  try {
    const data = context.getContext('node');
    return (data['wanImage'] ??= {}) as Memory;
  } catch {
    return {};
  }
}

/** Parameters and options that change what the node does with the images, and not which images it requests. */
const WITHOUT_EFFECT = new Set([
  'binaryField',
  'concurrency',
  'fileName',
  'includeInputFields',
  'maximumRetries',
  'maximumTotal',
  'onStop',
  'oneItem',
  'output',
  'timeout',
]);

/**
 * Of the parameters as they are stored, with their expressions: those may be evaluated only when the node runs. Their values may differ in a
 * retry, by `$now` or, after n8n was killed, because earlier nodes run again and have other data. The request is then another one with the key
 * of the first, which a history service refuses: `afterAnotherRequest` says so.
 */
async function fingerprint(context: IExecuteFunctions): Promise<string> {
  const { options, ...parameters } = context.getNode().parameters;
  const all = [...Object.entries(parameters), ...Object.entries(options ?? {})];
  return digestOf(JSON.stringify(sorted(all.filter(([name]) => !WITHOUT_EFFECT.has(name)))));
}

function sorted(entries: readonly [string, unknown][]): readonly [string, unknown][] {
  return entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
}
