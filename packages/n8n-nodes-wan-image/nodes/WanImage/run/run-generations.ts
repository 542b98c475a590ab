import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { factsOf, toNodeError, type ErrorContext, type NodeError } from '../errors/node-error.ts';
import { fieldError } from '../errors/field-error.ts';
import { Connections, type Connection } from '../host/connect.ts';
import type { RunSettings } from '../fields/run-settings.ts';
import { isToolRun } from '../host/tool-run.ts';
import { refuseLinksFromMemory } from '../images/agent-links.ts';
import type { GenerationResult } from '../images/generation-result.ts';
import { imageItems, inputFieldsOf, jsonOf, pairedItemOf } from '../images/image-items.ts';
import { generateImages } from './generate-images.ts';
import type { GenerationPlan, PendingGeneration } from './generation-plan.ts';
import { inOrder } from './in-order.ts';
import { PaidRequests } from './paid-requests.ts';
import { showWhenStopped } from './stopped-run.ts';

/** What one generation adds to the output of the node. */
interface GenerationOutput {
  readonly items: readonly INodeExecutionData[];
  readonly errors: readonly NodeError[];
  /** The facts of its billed images, which the error of a failing run has to hold. */
  readonly billed: readonly IDataObject[];
}

/**
 * Runs the generations, several at once where the settings say so, and returns their items in the order of the input. Throws the first
 * error, unless the workflow continues on errors or a language model runs the node. A stopped run returns what was finished.
 */
export async function runGenerations(
  context: IExecuteFunctions,
  generations: readonly PendingGeneration[],
  readSettings: () => RunSettings,
): Promise<INodeExecutionData[]> {
  if (generations.length === 0) return [];
  const isTool = isToolRun(context);
  // A language model gets an error as a result: agents before version 3 do not show it what a tool throws.
  const continues = isTool || context.continueOnFail();
  const signal = context.getExecutionCancelSignal();
  const finished: GenerationOutput[] = [];
  const unwatch = showWhenStopped(context, () => finished.flatMap(({ billed }) => billed));
  let outputs: readonly GenerationOutput[];
  try {
    const { concurrency, maximumTotal } = readSettings();
    const paid = await PaidRequests.of(context);
    const run = new GenerationRun(context, paid, isTool, continues);
    await run.refuseTooMany(generations, maximumTotal);
    const outputOf = async (index: number): Promise<GenerationOutput> => {
      const output = await run.outputOf(generations[index] as PendingGeneration);
      finished.push(output);
      return output;
    };
    outputs = await inOrder(generations.length, concurrency, outputOf, () => run.isOver);
    const isPartial = signal?.aborted === true || outputs.some(({ errors }) => errors.length > 0);
    if (!isPartial || (continues && signal?.aborted !== true)) paid.forget();
  } catch (cause) {
    // An error of the whole run, such as an invalid setting: nothing was sent.
    const error = toNodeError(context.getNode(), cause, { isTool });
    outputs = generations.map(({ items }) => failedOutput(error, items, context, isTool));
  } finally {
    unwatch();
  }
  const error = outputs.flatMap(({ errors }) => errors)[0];
  const images = outputs.flatMap(({ items, errors }) => (errors.length === 0 ? items : []));
  // Nobody continues a stopped execution, so its items are there to be seen.
  if (signal?.aborted === true && images.length > 0) return images;
  if (error !== undefined && !continues) throw withBilledImages(error, outputs);
  return outputs.flatMap(({ items }) => items);
}

class GenerationRun {
  readonly #context: IExecuteFunctions;
  readonly #connections: Connections;
  readonly #paid: PaidRequests;
  readonly #signal: AbortSignal | undefined;
  readonly #isTool: boolean;
  readonly #continues: boolean;
  #hasFailed = false;
  #canLink: Promise<void> | null = null;

  constructor(context: IExecuteFunctions, paid: PaidRequests, isTool: boolean, continues: boolean) {
    this.#context = context;
    this.#connections = new Connections(context);
    this.#paid = paid;
    this.#signal = context.getExecutionCancelSignal();
    this.#isTool = isTool;
    this.#continues = continues;
  }

  /** Before anything is sent: a loop, an agent or a long list must not generate more than its owner has allowed. */
  async refuseTooMany(generations: readonly PendingGeneration[], limit: number | null): Promise<void> {
    // Without a limit, the number of a generation that is run again need not be asked for.
    if (limit === null) return;
    const counts = await inOrder(generations.length, 1, async (index) => {
      const { items, mostImages } = generations[index] as PendingGeneration;
      return mostImages(() => this.#connections.of(items[0] ?? 0));
    });
    const images = counts.reduce((sum, count) => sum + count, 0);
    const run = Number(this.#context.getWorkflowDataProxy(0)['$runIndex']);
    const before = this.#paid.count(run, images);
    if (before + images <= limit) return;
    this.#paid.count(run, 0);
    const earlier = before === 0 ? '' : ` after ${before} in earlier runs of this execution`;
    throw fieldError(
      this.#context,
      0,
      'Maximum Images per Execution',
      `this run may generate up to ${images} images${earlier}, at most ${limit} are allowed.`,
      'Send fewer items, lower the number of images, or raise the option.',
    );
  }

  /** Whether the run has no result any more, so that nothing new may be sent and billed. */
  get isOver(): boolean {
    return this.#signal?.aborted === true || (this.#hasFailed && !this.#continues);
  }

  async outputOf({ items, readPlan }: PendingGeneration): Promise<GenerationOutput> {
    const itemIndex = items[0] ?? 0;
    const errorContext: ErrorContext = { itemIndex, isTool: this.#isTool };
    let plan: GenerationPlan | null = null;
    try {
      const connect = (): Promise<Connection> => this.#connections.of(itemIndex);
      plan = await readPlan(connect);
      if (this.#isTool && plan.output !== 'url') await this.#checkLinks(itemIndex);
      const connection = await connect();
      const abort = this.#signal === undefined ? {} : { signal: this.#signal };
      const result = await generateImages({ context: this.#context, connection, plan, paid: this.#paid, abort });
      return this.#delivered(plan, result, errorContext);
    } catch (error) {
      this.#hasFailed = true;
      const fields = plan === null ? {} : fieldsOf(plan);
      const failure = toNodeError(this.#context.getNode(), error, { ...errorContext, ...fields });
      return failedOutput(failure, items, this.#context, this.#isTool, plan?.includeInputFields);
    }
  }

  /** Once a run: the storage mode of n8n is the same for all items. */
  #checkLinks(itemIndex: number): Promise<void> {
    return (this.#canLink ??= refuseLinksFromMemory(this.#context, itemIndex));
  }

  #delivered(plan: GenerationPlan, result: GenerationResult, errorContext: ErrorContext): GenerationOutput {
    const item = errorContext.itemIndex ?? 0;
    if (result.warning !== null) {
      this.#context.addExecutionHints({
        message: `Item ${item}: ${result.warning}`,
        type: 'warning',
        location: 'outputPane',
      });
    }
    // An agent gets the URL of the service where n8n has no copy, so that is no failure.
    const lost = result.images.filter(({ failure, url }) => failure !== null && !(this.#isTool && url !== null));
    this.#hasFailed ||= lost.length > 0;
    const failures = lost.map((image) => ({
      image,
      error: toNodeError(this.#context.getNode(), image.failure, errorContext),
    }));
    const row = plan.includeInputFields ? inputFieldsOf(this.#context, plan.items) : {};
    const billed = result.images.map((image) => Object.assign({ item }, jsonOf(plan, result, image)));
    return {
      items: [
        ...imageItems(this.#context, plan, result, this.#isTool),
        ...failures.map(({ image, error }) =>
          errorItem(error, plan.items, jsonOf(plan, result, image), this.#isTool, row),
        ),
      ],
      errors: failures.map(({ error }) => error),
      // The images of an earlier generation are not billed here.
      billed: plan.earlier?.use === 'existing' ? [] : billed,
    };
  }
}

function fieldsOf({ inputs, request, earlier }: GenerationPlan): ErrorContext {
  // The service alone knows the whole request of a generation that is run again.
  return {
    inputs,
    isSet: earlier === null && request.enable_sequential === true,
    ...(earlier === null ? {} : { labels: {} }),
  };
}

function failedOutput(
  error: NodeError,
  items: readonly number[],
  context: IExecuteFunctions,
  isTool: boolean,
  includeInputFields = false,
): GenerationOutput {
  const row = includeInputFields ? inputFieldsOf(context, items) : {};
  return { items: [errorItem(error, items, null, isTool, row)], errors: [error], billed: [] };
}

/** n8n drops the output of a node that throws. The error is then the only place that still has the URLs of billed images. */
function withBilledImages(error: NodeError, outputs: readonly GenerationOutput[]): NodeError {
  const billed = outputs.flatMap((output) => output.billed);
  if (billed.length === 0) return error;
  error.context['images'] = billed;
  const items = new Set(billed.map(({ item }) => item)).size;
  const images = billed.length === 1 ? '1 image was' : `${billed.length} images were`;
  const before = `${images} generated and billed for ${items === 1 ? '1 item' : `${items} items`} before that; this error's context lists them.`;
  const remedy = "To keep such results, set On Error in the node's settings to continue.";
  error.description = `${error.description ?? ''} ${before} ${remedy}`.trim();
  return error;
}

/**
 * Only `error` and `message`, by which every version of n8n recognizes an item of the error output. The item's own `error` property is
 * not set: n8n then drops all JSON but the message, and with it the URL of a billed image. A language model gets the message alone.
 */
export function errorItem(
  error: NodeError,
  items: readonly number[],
  image: IDataObject | null,
  isTool: boolean,
  row: IDataObject,
): INodeExecutionData {
  const { message } = error;
  const facts = { message, description: error.description ?? null, ...factsOf(error) };
  const input = Object.keys(row).length === 0 ? {} : { input: row };
  const more = image === null ? input : { ...input, image };
  const json = isTool ? { error: message } : { error: { ...facts, ...more }, message };
  return { json, pairedItem: pairedItemOf(items) };
}
