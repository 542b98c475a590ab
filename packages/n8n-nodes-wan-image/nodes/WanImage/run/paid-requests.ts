import type { ImageFormat } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { isToolRun } from '../host/tool-run.ts';

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
}

/** What n8n stores with the execution, and hands to the execution that retries it. */
interface Memory {
  /** The execution that the idempotency keys are made of. */
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
    if (execution !== undefined) memory.execution ??= execution;
    memory.parameters = parameters;
    return new PaidRequests(memory, execution, isToolRun(context));
  }

  /** The number of the execution that made the first try; undefined in an unsaved execution. */
  get firstExecution(): string | undefined {
    return this.#memory.execution;
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
  'oneItem',
  'output',
  'timeout',
]);

/** Of the parameters as they are stored, with their expressions: the data of those is the same in a retry. */
async function fingerprint(context: IExecuteFunctions): Promise<string> {
  const { options, ...parameters } = context.getNode().parameters;
  const all = [...Object.entries(parameters), ...Object.entries(options ?? {})];
  const text = JSON.stringify(sorted(all.filter(([name]) => !WITHOUT_EFFECT.has(name))));
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(text));
  return Buffer.from(digest).toString('base64');
}

function sorted(entries: readonly [string, unknown][]): readonly [string, unknown][] {
  return entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
}
